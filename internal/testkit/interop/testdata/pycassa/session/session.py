"""A keyspace that is created for one script and dropped at its end, and how results are printed."""
import sys

from pycassa.pool import ConnectionPool
from pycassa.system_manager import SIMPLE_STRATEGY, SystemManager


class Session(object):
    def __init__(self, name):
        self.name = name
        self.server = sys.argv[1]
        self.system = SystemManager(self.server, timeout=30)
        self.system.create_keyspace(name, SIMPLE_STRATEGY, {'replication_factor': '1'})
        self._pool = None

    @property
    def pool(self):
        if self._pool is None:
            self._pool = ConnectionPool(self.name, [self.server], timeout=30, pool_size=8, prefill=False)
        return self._pool

    def family(self, name, **attributes):
        self.system.create_column_family(self.name, name, **attributes)

    def close(self):
        if self._pool is not None:
            self._pool.dispose()
        self.system.drop_keyspace(self.name)
        self.system.close()


def title(text):
    print '\n# ' + text


def show(what, value):
    print what + ': ' + text(value)


def refused(what, operation, *args, **kwargs):
    """What is raised, which must be something."""
    try:
        value = operation(*args, **kwargs)
    except Exception, e:
        why = getattr(e, 'why', None)
        show(what, type(e).__name__ + (' ' + why if why else ''))
    else:
        show(what, 'not refused: ' + text(value))


def text(value):
    """As repr, but dictionaries in their order if they have one, by key otherwise, and text without u."""
    if isinstance(value, dict):
        items = value.items()
        if type(value) is dict:
            items.sort()
        return '{' + ', '.join(text(k) + '=' + text(v) for k, v in items) + '}'
    if isinstance(value, tuple):
        return '(' + ', '.join(text(v) for v in value) + ')'
    if hasattr(value, '__iter__'):
        return '[' + ', '.join(text(v) for v in value) + ']'
    if isinstance(value, unicode):
        return value.encode('utf-8')
    return str(value)
