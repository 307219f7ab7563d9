"""A file in memory."""
class StringIO(object):
    def __init__(self, buf=''):
        self.buf, self.pos, self.closed, self.softspace = buf, 0, False, 0

    def write(self, s):
        if not isinstance(s, basestring):
            s = str(s)
        self.buf = self.buf[:self.pos] + s + self.buf[self.pos + len(s):]
        self.pos += len(s)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def getvalue(self):
        return self.buf

    def read(self, n=-1):
        end = len(self.buf) if n is None or n < 0 else self.pos + n
        text = self.buf[self.pos:end]
        self.pos += len(text)
        return text

    def readline(self):
        end = self.buf.find('\n', self.pos) + 1 or len(self.buf)
        text = self.buf[self.pos:end]
        self.pos = end
        return text

    def readlines(self):
        return list(self)

    def __iter__(self):
        while True:
            line = self.readline()
            if not line:
                return
            yield line

    def seek(self, pos, mode=0):
        self.pos = pos + (0, self.pos, len(self.buf))[mode]

    def tell(self):
        return self.pos

    def truncate(self, size=None):
        self.buf = self.buf[:self.pos if size is None else size]

    def flush(self):
        pass

    def close(self):
        self.closed = True
