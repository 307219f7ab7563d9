"""Positions in sorted lists."""
def bisect_right(a, x, lo=0, hi=None):
    if hi is None:
        hi = len(a)
    while lo < hi:
        mid = (lo + hi) // 2
        if x < a[mid]:
            hi = mid
        else:
            lo = mid + 1
    return lo

def bisect_left(a, x, lo=0, hi=None):
    if hi is None:
        hi = len(a)
    while lo < hi:
        mid = (lo + hi) // 2
        if a[mid] < x:
            lo = mid + 1
        else:
            hi = mid
    return lo

def insort_right(a, x):
    a.insert(bisect_right(a, x), x)

def insort_left(a, x):
    a.insert(bisect_left(a, x), x)

bisect, insort = bisect_right, insort_right
