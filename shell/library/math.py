"""Functions of numbers."""
from _math import *

def degrees(x):
    return x * 180.0 / pi

def hypot(x, y):
    return sqrt(float(x) * x + float(y) * y)

def factorial(n):
    if n != int(n):
        raise ValueError('factorial() only accepts integral values')
    if n < 0:
        raise ValueError('factorial() not defined for negative values')
    result = 1
    for i in xrange(2, int(n) + 1):
        result *= i
    return result

def trunc(x):
    return int(x)

def isnan(x):
    return x != x

def isinf(x):
    return float(x) in (float('inf'), float('-inf'))

def copysign(x, y):
    return -abs(float(x)) if str(float(y)).startswith('-') else abs(float(x))

def modf(x):
    whole = float(int(x))
    return copysign(x - whole, x), copysign(whole, x)

def frexp(x):
    x, e = float(x), 0
    if x == 0 or isinf(x) or isnan(x):
        return x, 0
    while abs(x) >= 1:
        x, e = x / 2, e + 1
    while abs(x) < 0.5:
        x, e = x * 2, e - 1
    return x, e

def ldexp(x, i):
    return x * 2.0 ** i

def fsum(values):
    partials = []
    for x in values:
        i = 0
        for y in partials:
            if abs(x) < abs(y):
                x, y = y, x
            hi = x + y
            lo = y - (hi - x)
            if lo:
                partials[i] = lo
                i += 1
            x = hi
        partials[i:] = [float(x)]
    return sum(partials, 0.0)
