"""Functions for the with statement."""
class _Manager(object):
    def __init__(self, gen):
        self.gen = gen

    def __enter__(self):
        return self.gen.next()

    def __exit__(self, kind, value, traceback):
        if kind is not None:
            self.gen.close()
            return False
        for _ in self.gen:
            raise RuntimeError("generator didn't stop")

def contextmanager(func):
    def helper(*args, **kwargs):
        return _Manager(func(*args, **kwargs))
    return helper

class closing(object):
    def __init__(self, thing):
        self.thing = thing

    def __enter__(self):
        return self.thing

    def __exit__(self, *exc):
        self.thing.close()
