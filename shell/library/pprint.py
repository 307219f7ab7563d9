"""Prints nested values with a line for each element that does not fit."""
import sys

class PrettyPrinter(object):
    def __init__(self, indent=1, width=80, depth=None, stream=None):
        self._indent, self._width, self._depth, self._stream = indent, width, depth, stream

    def pprint(self, object):
        out = self._stream
        if out is None:
            out = sys.stdout
        out.write(self.pformat(object) + '\n')

    def pformat(self, object):
        parts = []
        self._format(object, parts, 0, 0, 1)
        return ''.join(parts)

    def isreadable(self, object):
        return '<' not in self._repr(object, 1)

    def _kind(self, object):
        for kind in dict, list, tuple, set, frozenset:
            if type(object) is kind:
                return kind
        return None

    def _sorted(self, object):
        try:
            return sorted(object)
        except TypeError:
            return list(object)

    def _repr(self, object, level):
        kind = self._kind(object)
        if kind is None or kind in (set, frozenset):
            return repr(object)
        if self._depth and level > self._depth and object:
            return {dict: '{...}', list: '[...]', tuple: '(...)'}[kind]
        if kind is dict:
            return '{%s}' % ', '.join('%s: %s' % (self._repr(k, level + 1), self._repr(object[k], level + 1)) for k in self._sorted(object))
        text = ', '.join(self._repr(x, level + 1) for x in object)
        if kind is list:
            return '[%s]' % text
        return '(%s,)' % text if len(object) == 1 else '(%s)' % text

    def _format(self, object, parts, indent, allowance, level):
        rep = self._repr(object, level)
        kind = self._kind(object)
        wide = len(rep) > self._width - 1 - indent - allowance
        if kind is None or not wide or not object or self._depth and level > self._depth:
            parts.append(rep)
            return
        open, close = {dict: '{}', list: '[]', tuple: '()', set: ('set([', '])'), frozenset: ('frozenset([', '])')}[kind]
        parts.append(open)
        if self._indent > 1:
            parts.append((self._indent - 1) * ' ')
        indent += self._indent + len(open) - 1
        elems = object
        if kind not in (list, tuple):
            elems = self._sorted(object)
        for n, x in enumerate(elems):
            if n:
                parts.append(',\n' + ' ' * indent)
            if kind is dict:
                key = self._repr(x, level + 1)
                parts.append(key + ': ')
                self._format(object[x], parts, indent + len(key) + 2, allowance + 1, level + 1)
            else:
                self._format(x, parts, indent, allowance + 1, level + 1)
        if kind is tuple and len(object) == 1:
            parts.append(',')
        parts.append(close)

def pprint(object, stream=None, indent=1, width=80, depth=None):
    PrettyPrinter(indent, width, depth, stream).pprint(object)

def pformat(object, indent=1, width=80, depth=None):
    return PrettyPrinter(indent, width, depth).pformat(object)

def isreadable(object):
    return PrettyPrinter().isreadable(object)

def saferepr(object):
    return PrettyPrinter()._repr(object, 1)
