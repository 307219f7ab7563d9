"""Copies of values."""
class Error(Exception):
    pass

error = Error

def copy(x):
    kind = type(x)
    if kind is list:
        return x[:]
    if isinstance(x, dict):
        return x.copy()
    if kind is set:
        return set(x)
    if hasattr(x, '__copy__'):
        return x.__copy__()
    if not hasattr(x, '__dict__') or isinstance(x, type) or callable(x):
        return x
    return _instance(x, dict(x.__dict__))

def _instance(x, names):
    y = object.__new__(x.__class__) if isinstance(x, object) else None
    y.__dict__ = names
    return y

def deepcopy(x, memo=None):
    if memo is None:
        memo = {}
    key = id(x)
    if key in memo:
        return memo[key]
    kind = type(x)
    if kind is list:
        y = memo[key] = []
        for v in x:
            y.append(deepcopy(v, memo))
        return y
    if kind is tuple:
        return tuple(deepcopy(v, memo) for v in x)
    if isinstance(x, dict):
        y = memo[key] = x.copy()
        y.clear()
        for k, v in x.items():
            y[deepcopy(k, memo)] = deepcopy(v, memo)
        return y
    if kind is set:
        return set(x)
    if hasattr(x, '__deepcopy__'):
        return x.__deepcopy__(memo)
    if not hasattr(x, '__dict__') or isinstance(x, type) or callable(x):
        return x
    y = memo[key] = _instance(x, {})
    y.__dict__ = deepcopy(x.__dict__, memo)
    return y
