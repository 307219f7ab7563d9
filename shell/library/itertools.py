"""Iterators made from other iterators."""
from _itertools import *

def product(*iterables, **kw):
    pools = [tuple(p) for p in iterables] * kw.get('repeat', 1)
    def rest(i):
        if i == len(pools):
            yield ()
            return
        for x in pools[i]:
            for tail in rest(i + 1):
                yield (x,) + tail
    return rest(0)

def permutations(iterable, r=None):
    pool = tuple(iterable)
    n = len(pool)
    def rest(chosen):
        if len(chosen) == (n if r is None else r):
            yield tuple(pool[i] for i in chosen)
            return
        for i in range(n):
            if i not in chosen:
                for p in rest(chosen + (i,)):
                    yield p
    return rest(())

def _combinations(pool, r, first, again):
    if r == 0:
        yield ()
        return
    for i in range(first, len(pool)):
        for tail in _combinations(pool, r - 1, i if again else i + 1, again):
            yield (pool[i],) + tail

def combinations(iterable, r):
    return _combinations(tuple(iterable), r, 0, False)

def combinations_with_replacement(iterable, r):
    return _combinations(tuple(iterable), r, 0, True)

def cycle(iterable):
    saved = []
    for x in iterable:
        yield x
        saved.append(x)
    while saved:
        for x in saved:
            yield x

def compress(data, selectors):
    return (d for d, s in izip(data, selectors) if s)

def ifilter(predicate, iterable):
    return (x for x in iterable if (x if predicate is None else predicate(x)))

def ifilterfalse(predicate, iterable):
    return (x for x in iterable if not (x if predicate is None else predicate(x)))

def starmap(function, iterable):
    return (function(*args) for args in iterable)

def imap(function, *iterables):
    for args in izip(*iterables):
        yield args if function is None else function(*args)

def izip_longest(*iterables, **kw):
    return iter(map(lambda *row: row, *[list(x) for x in iterables])) if 'fillvalue' not in kw else _longest(iterables, kw['fillvalue'])

def _longest(iterables, fill):
    columns = [list(x) for x in iterables]
    for i in range(max([len(c) for c in columns] or [0])):
        yield tuple([c[i] if i < len(c) else fill for c in columns])

def tee(iterable, n=2):
    saved = list(iterable)
    return tuple([iter(saved) for _ in range(n)])
