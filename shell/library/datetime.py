"""Dates and times, without zones."""
from _datetime import datetime, date, timedelta

MINYEAR, MAXYEAR = 1, 9999

class time(object):
    def __init__(self, hour=0, minute=0, second=0, microsecond=0):
        for name, n, limit in ('hour', hour, 24), ('minute', minute, 60), ('second', second, 60), ('microsecond', microsecond, 1000000):
            if not isinstance(n, (int, long)):
                raise TypeError('an integer is required')
            if not 0 <= n < limit:
                raise ValueError('%s must be in 0..%d' % (name, limit - 1))
            setattr(self, name, n)
        self.tzinfo = None

    def _key(self):
        return self.hour, self.minute, self.second, self.microsecond

    def isoformat(self):
        text = '%02d:%02d:%02d' % self._key()[:3]
        return text + '.%06d' % self.microsecond if self.microsecond else text

    __str__ = isoformat

    def strftime(self, format):
        return datetime(1900, 1, 1, *self._key()).strftime(format)

    def __format__(self, format):
        return self.strftime(format) if format else str(self)

    def replace(self, hour=None, minute=None, second=None, microsecond=None):
        given = hour, minute, second, microsecond
        return time(*[old if new is None else new for old, new in zip(self._key(), given)])

    def __repr__(self):
        parts = list(self._key())
        while len(parts) > 2 and not parts[-1]:
            parts.pop()
        return 'datetime.time(%s)' % ', '.join([str(p) for p in parts])

    def __hash__(self):
        return hash(self._key())

    def __nonzero__(self):
        return any(self._key())

    def __cmp__(self, other):
        if not isinstance(other, time):
            raise TypeError("can't compare datetime.time to %s" % type(other).__name__)
        return cmp(self._key(), other._key())

    def __eq__(self, other):
        return isinstance(other, time) and self._key() == other._key()

    def __ne__(self, other):
        return not self == other
