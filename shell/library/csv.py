"""Tables as text."""
QUOTE_MINIMAL, QUOTE_ALL = 0, 1

class Error(Exception):
    pass

class _Writer(object):
    def __init__(self, f, delimiter, quoting, lineterminator):
        self.f, self.delimiter, self.quoting, self.end = f, delimiter, quoting, lineterminator

    def _field(self, v):
        s = '' if v is None else v if isinstance(v, basestring) else repr(v) if isinstance(v, float) else str(v)
        if isinstance(s, unicode):
            s = s.encode('utf-8')
        if self.quoting == QUOTE_ALL or s and (self.delimiter in s or '"' in s or '\n' in s or '\r' in s):
            return '"%s"' % s.replace('"', '""')
        return s

    def writerow(self, row):
        line = self.delimiter.join([self._field(v) for v in row])
        if line == '' and len(row) == 1:
            line = '""'
        self.f.write(line + self.end)

    def writerows(self, rows):
        for row in rows:
            self.writerow(row)

def writer(f, dialect=None, delimiter=',', quoting=QUOTE_MINIMAL, lineterminator='\r\n'):
    return _Writer(f, delimiter, quoting, lineterminator)

def reader(f, dialect=None, delimiter=','):
    row, field, quoted = [], [], False
    for line in f:
        i, n = 0, len(line)
        while i < n:
            c = line[i]
            if quoted:
                if c != '"':
                    field.append(c)
                elif line[i + 1:i + 2] == '"':
                    field.append('"')
                    i += 1
                else:
                    quoted = False
            elif c == '"' and not field:
                quoted = True
            elif c == delimiter:
                row.append(''.join(field))
                field = []
            elif c not in '\r\n':
                field.append(c)
            i += 1
        if not quoted:
            if row or field or line.strip('\r\n'):
                row.append(''.join(field))
            yield row
            row, field = [], []

class DictReader(object):
    def __init__(self, f, fieldnames=None, delimiter=','):
        self.rows, self.fieldnames = reader(f, delimiter=delimiter), fieldnames

    def __iter__(self):
        for row in self.rows:
            if self.fieldnames is None:
                self.fieldnames = row
            elif row:
                yield dict(zip(self.fieldnames, row))

class DictWriter(object):
    def __init__(self, f, fieldnames, restval='', delimiter=',', **kw):
        self.out, self.fieldnames, self.restval = writer(f, delimiter=delimiter, **kw), fieldnames, restval

    def writeheader(self):
        self.out.writerow(self.fieldnames)

    def writerow(self, row):
        self.out.writerow([row.get(k, self.restval) for k in self.fieldnames])
