"""More kinds of dictionaries, and tuples with names."""
from _collections import OrderedDict, defaultdict, namedtuple

class Counter(dict):
    def __init__(self, iterable=None, **kw):
        self.update(iterable, **kw)

    def __missing__(self, key):
        return 0

    def update(self, iterable=None, **kw):
        if isinstance(iterable, dict):
            for k, n in iterable.items():
                self[k] = self.get(k, 0) + n
        elif iterable is not None:
            for k in iterable:
                self[k] = self.get(k, 0) + 1
        if kw:
            self.update(kw)

    def subtract(self, iterable):
        for k, n in Counter(iterable).items():
            self[k] = self.get(k, 0) - n

    def most_common(self, n=None):
        items = sorted(self.items(), key=lambda item: item[1], reverse=True)
        return items if n is None else items[:n]

    def elements(self):
        for k, n in self.items():
            for _ in range(n):
                yield k

    def copy(self):
        return Counter(self)

    def _merge(self, other, how):
        result = Counter()
        for k in set(self) | set(other):
            n = how(self[k], other[k])
            if n > 0:
                result[k] = n
        return result

    def __add__(self, other):
        return self._merge(other, lambda a, b: a + b)

    def __sub__(self, other):
        return self._merge(other, lambda a, b: a - b)

    def __or__(self, other):
        return self._merge(other, max)

    def __and__(self, other):
        return self._merge(other, min)

    def __repr__(self):
        if not self:
            return 'Counter()'
        return 'Counter({%s})' % ', '.join(['%r: %r' % item for item in self.most_common()])

class deque(object):
    def __init__(self, iterable=(), maxlen=None):
        self._items, self.maxlen = [], maxlen
        self.extend(iterable)

    def append(self, x):
        self._items.append(x)
        if self.maxlen is not None and len(self._items) > self.maxlen:
            del self._items[0]

    def appendleft(self, x):
        self._items.insert(0, x)
        if self.maxlen is not None and len(self._items) > self.maxlen:
            del self._items[-1]

    def extend(self, iterable):
        for x in iterable:
            self.append(x)

    def extendleft(self, iterable):
        for x in iterable:
            self.appendleft(x)

    def pop(self):
        if not self._items:
            raise IndexError('pop from an empty deque')
        return self._items.pop()

    def popleft(self):
        if not self._items:
            raise IndexError('pop from an empty deque')
        return self._items.pop(0)

    def rotate(self, n=1):
        if self._items:
            n = -n % len(self._items)
            self._items = self._items[n:] + self._items[:n]

    def clear(self):
        self._items = []

    def count(self, x):
        return self._items.count(x)

    def remove(self, x):
        if x not in self._items:
            raise ValueError('deque.remove(x): x not in deque')
        self._items.remove(x)

    def reverse(self):
        self._items.reverse()

    def __len__(self):
        return len(self._items)

    def __iter__(self):
        return iter(self._items)

    def __getitem__(self, i):
        if not -len(self._items) <= i < len(self._items):
            raise IndexError('deque index out of range')
        return self._items[i]

    def __setitem__(self, i, x):
        self._items[i] = x

    def __contains__(self, x):
        return x in self._items

    def __eq__(self, other):
        return isinstance(other, deque) and self._items == other._items

    def __repr__(self):
        more = '' if self.maxlen is None else ', maxlen=%d' % self.maxlen
        return 'deque(%r%s)' % (self._items, more)
