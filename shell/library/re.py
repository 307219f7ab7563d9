"""Go's regular expressions, which have no lookahead, no lookbehind and no backreference."""
import _re

I = IGNORECASE = 2
M = MULTILINE = 8
S = DOTALL = 16
U = UNICODE = 32
L = LOCALE = 4
X = VERBOSE = 64

error = _re.error

class SRE_Match(object):
    def __init__(self, pattern, string, spans):
        self.re, self.string, self._spans = pattern, string, spans
        self.lastindex = max([i for i in range(1, len(spans)) if spans[i][0] >= 0] or [None])

    def _index(self, group):
        if isinstance(group, basestring):
            if group not in self.re.groupindex:
                raise IndexError('no such group')
            group = self.re.groupindex[group]
        if group < 0 or group >= len(self._spans):
            raise IndexError('no such group')
        return group

    def _text(self, i, default=None):
        begin, end = self._spans[i]
        return default if begin < 0 else self.string[begin:end]

    def group(self, *groups):
        if len(groups) < 2:
            return self._text(self._index(groups[0] if groups else 0))
        return tuple([self._text(self._index(g)) for g in groups])

    def groups(self, default=None):
        return tuple([self._text(i, default) for i in range(1, len(self._spans))])

    def groupdict(self, default=None):
        return dict([(name, self._text(i, default)) for name, i in self.re.groupindex.items()])

    def start(self, group=0):
        return self._spans[self._index(group)][0]

    def end(self, group=0):
        return self._spans[self._index(group)][1]

    def span(self, group=0):
        return self._spans[self._index(group)]

    def expand(self, template):
        out, i = [], 0
        while i < len(template):
            c = template[i]
            n = template[i + 1:i + 2]
            if c != '\\' or not n:
                out.append(c)
                i += 1
            elif n.isdigit():
                out.append(self._text(self._index(int(n)), ''))
                i += 2
            elif n == 'g' and template[i + 2:i + 3] == '<':
                end = template.find('>', i)
                name = template[i + 3:end]
                out.append(self._text(self._index(int(name) if name.isdigit() else name), ''))
                i = end + 1
            else:
                out.append({'n': '\n', 't': '\t', 'r': '\r', '\\': '\\'}.get(n, c + n))
                i += 2
        return type(template)().join(out)

class SRE_Pattern(object):
    def __init__(self, pattern, flags):
        self.pattern, self.flags = pattern, flags
        self.groups, names = _re.compile(pattern, flags)
        self.groupindex = dict(names)

    def _find(self, string, pos, begins):
        spans = _re.find(self.pattern, self.flags, string, pos, begins)
        return None if spans is None else SRE_Match(self, string, spans)

    def match(self, string, pos=0):
        return self._find(string, pos, True)

    def search(self, string, pos=0):
        return self._find(string, pos, False)

    def finditer(self, string, pos=0):
        for spans in _re.findall(self.pattern, self.flags, string, pos):
            yield SRE_Match(self, string, spans)

    def findall(self, string, pos=0):
        out = []
        for m in self.finditer(string, pos):
            if self.groups == 0:
                out.append(m.group())
            elif self.groups == 1:
                out.append(m.groups('')[0])
            else:
                out.append(m.groups(''))
        return out

    def subn(self, repl, string, count=0):
        out, last, n = [], 0, 0
        for m in self.finditer(string):
            if count and n == count:
                break
            out.append(string[last:m.start()])
            out.append(repl(m) if callable(repl) else m.expand(repl))
            last = m.end()
            n += 1
        out.append(string[last:])
        return type(string)().join(out), n

    def sub(self, repl, string, count=0):
        return self.subn(repl, string, count)[0]

    def split(self, string, maxsplit=0):
        out, last, n = [], 0, 0
        for m in self.finditer(string):
            if maxsplit and n == maxsplit:
                break
            if m.start() == m.end():
                continue
            out.append(string[last:m.start()])
            out.extend(m.groups())
            last = m.end()
            n += 1
        out.append(string[last:])
        return out

def compile(pattern, flags=0):
    if isinstance(pattern, SRE_Pattern):
        return pattern
    if not isinstance(pattern, basestring):
        raise TypeError('first argument must be string or compiled pattern')
    return SRE_Pattern(pattern, flags)

def match(pattern, string, flags=0):
    return compile(pattern, flags).match(string)

def search(pattern, string, flags=0):
    return compile(pattern, flags).search(string)

def findall(pattern, string, flags=0):
    return compile(pattern, flags).findall(string)

def finditer(pattern, string, flags=0):
    return compile(pattern, flags).finditer(string)

def sub(pattern, repl, string, count=0, flags=0):
    return compile(pattern, flags).sub(repl, string, count)

def subn(pattern, repl, string, count=0, flags=0):
    return compile(pattern, flags).subn(repl, string, count)

def split(pattern, string, maxsplit=0, flags=0):
    return compile(pattern, flags).split(string, maxsplit)

def escape(pattern):
    return ''.join([c if c.isalnum() and ord(c) < 128 else '\\000' if c == '\0' else '\\' + c for c in pattern])

def purge():
    pass
