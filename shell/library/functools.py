"""Functions that make functions."""

def partial(func, *args, **keywords):
    def call(*more, **kw):
        names = dict(keywords)
        names.update(kw)
        return func(*(args + more), **names)
    call.func, call.args, call.keywords = func, args, keywords
    return call

def update_wrapper(wrapper, wrapped):
    for name in '__name__', '__doc__':
        setattr(wrapper, name, getattr(wrapped, name, None))
    return wrapper

def wraps(wrapped):
    return lambda wrapper: update_wrapper(wrapper, wrapped)

reduce = reduce

def cmp_to_key(mycmp):
    class K(object):
        def __init__(self, obj):
            self.obj = obj
        def __cmp__(self, other):
            return mycmp(self.obj, other.obj)
    return K
