"""Constants, and functions that the methods of str replaced."""
import re as _re

ascii_lowercase = lowercase = 'abcdefghijklmnopqrstuvwxyz'
ascii_uppercase = uppercase = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
ascii_letters = letters = lowercase + uppercase
digits = '0123456789'
hexdigits = digits + 'abcdef' + 'ABCDEF'
octdigits = '01234567'
punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'
whitespace = '\t\n\x0b\x0c\r '
printable = digits + letters + punctuation + '\t\n\r\x0b\x0c '.replace('\t\n\r\x0b\x0c ', ' \t\n\r\x0b\x0c')

def join(words, sep=' '):
    return sep.join(words)

def split(s, sep=None, maxsplit=-1):
    return s.split(sep, maxsplit)

def replace(s, old, new, maxreplace=-1):
    return s.replace(old, new, maxreplace)

def upper(s):
    return s.upper()

def lower(s):
    return s.lower()

def strip(s):
    return s.strip()

def capwords(s, sep=None):
    return (sep or ' ').join(word.capitalize() for word in s.split(sep))

def zfill(x, width):
    return str(x).zfill(width)

def maketrans(fromstr, tostr):
    if len(fromstr) != len(tostr):
        raise ValueError('maketrans arguments must have same length')
    table = [chr(i) for i in range(256)]
    for a, b in zip(fromstr, tostr):
        table[ord(a)] = b
    return ''.join(table)

class Template(object):
    def __init__(self, template):
        self.template = template

    def _fill(self, values, missing):
        def replaced(m):
            if m.group() == '$$':
                return '$'
            name = m.group(1) or m.group(2)
            if name is None:
                raise ValueError('Invalid placeholder in string: line 1, col %d' % (m.start() + 1))
            return missing(name, m.group()) if name not in values else str(values[name])
        return _re.sub(r'\$(?:\$|([_a-zA-Z][_a-zA-Z0-9]*)|\{([_a-zA-Z][_a-zA-Z0-9]*)\}|)', replaced, self.template)

    def substitute(self, mapping={}, **kw):
        def missing(name, text):
            raise KeyError(name)
        return self._fill(dict(mapping, **kw), missing)

    def safe_substitute(self, mapping={}, **kw):
        return self._fill(dict(mapping, **kw), lambda name, text: text)
