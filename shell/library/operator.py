"""Operators as functions."""
from _operator import *

def not_(a):
    return not a

def truth(a):
    return bool(a)

def is_(a, b):
    return a is b

def is_not(a, b):
    return a is not b

def neg(a):
    return -a

def pos(a):
    return +a

def inv(a):
    return ~a

invert = inv

def truediv(a, b):
    if isinstance(a, (int, long)):
        a = float(a)
    return a / b

def floordiv(a, b):
    return a // b

def pow(a, b):
    return a ** b

def and_(a, b):
    return a & b

def or_(a, b):
    return a | b

def xor(a, b):
    return a ^ b

def lshift(a, b):
    return a << b

def rshift(a, b):
    return a >> b

def concat(a, b):
    return a + b

def contains(a, b):
    return b in a

def countOf(a, b):
    return list(a).count(b)

def indexOf(a, b):
    return list(a).index(b)

def getitem(a, b):
    return a[b]

def setitem(a, b, c):
    a[b] = c

def delitem(a, b):
    del a[b]

def methodcaller(name, *args, **kwargs):
    return lambda obj: getattr(obj, name)(*args, **kwargs)
