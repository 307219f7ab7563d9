"""JSON texts of values, and back."""

_escapes = {'"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\b': '\\b', '\f': '\\f'}
_plain = {'"': u'"', '\\': u'\\', '/': u'/', 'b': u'\b', 'f': u'\f', 'n': u'\n', 'r': u'\r', 't': u'\t'}

def _quote(s, ascii):
    if isinstance(s, str):
        s = s.decode('utf-8')
    out = []
    for c in s:
        n = ord(c)
        if c in _escapes:
            out.append(_escapes[c])
        elif n < 32 or ascii and n > 126 and n < 0x10000:
            out.append('\\u%04x' % n)
        elif ascii and n > 126:
            n -= 0x10000
            out.append('\\u%04x\\u%04x' % (0xd800 | n >> 10, 0xdc00 | n & 0x3ff))
        else:
            out.append(str(c) if n < 128 else c)
    return '"%s"' % ''.join(out)

class JSONEncoder(object):
    def __init__(self, skipkeys=False, ensure_ascii=True, sort_keys=False, indent=None, separators=None, default=None):
        self.skipkeys, self.ascii, self.sort, self.indent = skipkeys, ensure_ascii, sort_keys, indent
        self.comma, self.colon = separators or (', ', ': ')
        if default is not None:
            self.default = default

    def default(self, o):
        raise TypeError(repr(o) + ' is not JSON serializable')

    def encode(self, o):
        out = []
        self._write(o, out, 0)
        return ''.join(out)

    def _key(self, k):
        if isinstance(k, basestring):
            return k
        if k is True or k is False or k is None or isinstance(k, (int, long, float)):
            return self._scalar(k)
        if self.skipkeys:
            return None
        raise TypeError('keys must be a string')

    def _scalar(self, o):
        if o is None:
            return 'null'
        if o is True:
            return 'true'
        if o is False:
            return 'false'
        if isinstance(o, (int, long)):
            return str(o)
        if o != o:
            return 'NaN'
        if o in (float('inf'), float('-inf')):
            return 'Infinity' if o > 0 else '-Infinity'
        return repr(o)

    def _items(self, parts, out, level, write, open, close):
        if not parts:
            out.append(open + close)
            return
        comma, pad, end = self.comma, '', ''
        if self.indent is not None:
            pad, end = '\n' + ' ' * (self.indent * (level + 1)), '\n' + ' ' * (self.indent * level)
        out.append(open)
        for i, part in enumerate(parts):
            out.append((comma if i else '') + pad)
            write(part)
        out.append(end + close)

    def _write(self, o, out, level):
        if isinstance(o, basestring):
            out.append(_quote(o, self.ascii))
        elif o is None or isinstance(o, (bool, int, long, float)):
            out.append(self._scalar(o))
        elif isinstance(o, dict):
            items = sorted(o.items()) if self.sort else o.items()
            items = [(self._key(k), v) for k, v in items]
            items = [item for item in items if item[0] is not None]
            def pair(item):
                out.append(_quote(item[0], self.ascii) + self.colon)
                self._write(item[1], out, level + 1)
            self._items(items, out, level, pair, '{', '}')
        elif isinstance(o, (list, tuple)):
            self._items(o, out, level, lambda v: self._write(v, out, level + 1), '[', ']')
        else:
            self._write(self.default(o), out, level)

def dumps(obj, skipkeys=False, ensure_ascii=True, sort_keys=False, indent=None, separators=None, default=None, cls=None, **kw):
    return (cls or JSONEncoder)(skipkeys, ensure_ascii, sort_keys, indent, separators, default).encode(obj)

def dump(obj, fp, **kw):
    fp.write(dumps(obj, **kw))

class _Reader(object):
    def __init__(self, s, object_hook, pairs_hook, parse_float):
        self.s, self.hook, self.pairs_hook, self.float = s, object_hook, pairs_hook, parse_float or float

    def fail(self, what, i):
        before = self.s[:i]
        line = before.count('\n') + 1
        column = i - before.rfind('\n')
        raise ValueError('%s: line %d column %d (char %d)' % (what, line, column, i))

    def space(self, i):
        s, n = self.s, len(self.s)
        while i < n and s[i] in ' \t\n\r':
            i += 1
        return i

    def value(self, i, begin=False):
        s = self.s
        i = self.space(i)
        if i >= len(s) and not begin:
            self.fail('Expecting object', i - 1)
        c = s[i:i + 1]
        if c == '"':
            return self.text(i + 1)
        if c == '{':
            return self.object(i + 1)
        if c == '[':
            return self.array(i + 1)
        for word, v in ('null', None), ('true', True), ('false', False), ('NaN', float('nan')), ('Infinity', float('inf')), ('-Infinity', float('-inf')):
            if s[i:i + len(word)] == word:
                return v, i + len(word)
        j = i
        while j < len(s) and s[j] in '+-0123456789.eE':
            j += 1
        number = s[i:j]
        if not number or not (number[0].isdigit() or number[0] == '-' and number[1:2].isdigit()):
            raise ValueError('No JSON object could be decoded')
        if '.' in number or 'e' in number or 'E' in number:
            return self.float(number), j
        return int(number), j

    def text(self, i):
        s, out, begin = self.s, [], i - 1
        while True:
            c = s[i:i + 1]
            if c == '':
                self.fail('Unterminated string starting at', begin)
            if c == '"':
                text = u''.join(out)
                return text, i + 1
            if c == '\\':
                e = s[i + 1:i + 2]
                if e == 'u':
                    n = int(s[i + 2:i + 6], 16)
                    i += 6
                    if 0xd800 <= n < 0xdc00 and s[i:i + 2] == '\\u':
                        n = 0x10000 + ((n - 0xd800) << 10 | int(s[i + 2:i + 6], 16) - 0xdc00)
                        i += 6
                    out.append(unichr(n))
                    continue
                if e not in _plain:
                    self.fail('Invalid \\escape: ' + repr(e), i)
                out.append(_plain[e])
                i += 2
                continue
            j = i
            while j < len(s) and s[j] not in '"\\':
                j += 1
            out.append(s[i:j])
            i = j

    def object(self, i):
        s, pairs = self.s, []
        i = self.space(i)
        if s[i:i + 1] == '}':
            i += 1
        else:
            while True:
                if s[i:i + 1] != '"':
                    if i >= len(s):
                        self.fail('Expecting object', max(i - 1, 0))
                    self.fail('Expecting property name', i)
                k, i = self.text(i + 1)
                i = self.space(i)
                if s[i:i + 1] != ':':
                    self.fail("Expecting : delimiter", i)
                v, i = self.value(i + 1)
                pairs.append((k, v))
                i = self.space(i)
                c = s[i:i + 1]
                if c == '}':
                    i += 1
                    break
                if c != ',':
                    self.fail("Expecting , delimiter", i)
                i = self.space(i + 1)
        if self.pairs_hook is not None:
            return self.pairs_hook(pairs), i
        d = dict(pairs)
        if self.hook is not None:
            d = self.hook(d)
        return d, i

    def array(self, i):
        s, out = self.s, []
        i = self.space(i)
        if s[i:i + 1] == ']':
            return out, i + 1
        while True:
            v, i = self.value(i)
            out.append(v)
            i = self.space(i)
            c = s[i:i + 1]
            if c == ']':
                return out, i + 1
            if c != ',':
                self.fail("Expecting , delimiter", i)
            i += 1

def loads(s, encoding='utf-8', object_hook=None, object_pairs_hook=None, parse_float=None, **kw):
    if not isinstance(s, basestring):
        raise TypeError('expected string or buffer')
    if isinstance(s, str):
        s = s.decode(encoding or 'utf-8')
    reader = _Reader(s, object_hook, object_pairs_hook, parse_float)
    v, end = reader.value(0, True)
    end = reader.space(end)
    if end != len(s):
        raise ValueError('Extra data: line 1 column %d - line 1 column %d (char %d - %d)' % (end + 1, len(s) + 1, end, len(s)))
    return v

def load(fp, **kw):
    return loads(fp.read(), **kw)
