"""Names and values of all types; composites; time UUIDs and times as the ends of slices."""
import datetime
import decimal
import uuid

from pycassa.columnfamily import ColumnFamily
from pycassa.system_manager import *
from pycassa.types import *
from session import Session, refused, show, title

s = Session('PyNames')
try:
    title('names in the order of their types')
    for name, type_, values in [
            ('Ascii', ASCII_TYPE, ['b', 'a', 'B', 'aa']),
            ('Int', INT_TYPE, [5, -5, 0, 2 ** 31 - 1, -2 ** 31]),
            ('Integer', IntegerType(), [5, -5, 0, 2 ** 70, -2 ** 70, 128, 255]),
            ('Float', FLOAT_TYPE, [0.5, -0.5, 0.0, 1e10]),
            ('Double', DOUBLE_TYPE, [0.5, -0.5, 0.0, 1e100]),
            ('Decimal', DECIMAL_TYPE, [decimal.Decimal(d) for d in ('1.5', '-1.5', '10', '0.01', '123456789012345678901')]),
            ('Boolean', BOOLEAN_TYPE, [True, False]),
            ('Uuid', LEXICAL_UUID_TYPE, [uuid.UUID(int=5), uuid.UUID(int=2 ** 127), uuid.UUID(int=0)]),
            ('Date', DATE_TYPE, [datetime.datetime(2012, 6, 24), datetime.datetime(1970, 1, 1), datetime.datetime(1960, 1, 1)])]:
        s.family(name, comparator_type=type_, key_validation_class=UTF8_TYPE, default_validation_class=UTF8_TYPE)
        family = ColumnFamily(s.pool, name)
        family.insert('row', dict((value, 'x') for value in values))
        show(name, family.get('row').keys())
        show(name + ' reversed, one', family.get('row', column_reversed=True, column_count=1).keys())

    title('composites')
    s.family('Log', comparator_type=CompositeType(UTF8Type(), LongType(reversed=True)),
             key_validation_class=CompositeType(AsciiType(), IntegerType()), default_validation_class=UTF8_TYPE)
    log = ColumnFamily(s.pool, 'Log')
    key = ('app', 7)
    log.insert(key, dict(((level, n), level) for level in ('error', 'info', 'warn') for n in (1, 2, 3)))
    show('all', log.get(key).keys())
    show('info', log.get(key, column_start=('info',), column_finish=('info',)).keys())
    show('from info 2', log.get(key, column_start=('info', 2), column_count=3).keys())
    show('after info', log.get(key, column_start=(('info', False),)).keys())
    show('before info', log.get(key, column_finish=(('info', False),)).keys())
    show('reversed', log.get(key, column_start=('warn', 2), column_reversed=True, column_count=4).keys())
    show('keys', [k for k, _ in log.get_range()])

    title('time UUIDs')
    s.family('Times', comparator_type=TIME_UUID_TYPE, key_validation_class=UTF8_TYPE, default_validation_class=UTF8_TYPE)
    times = ColumnFamily(s.pool, 'Times')
    ids = [uuid.UUID(i) for i in ('ffffffff-0000-11e2-8000-000000000000', '00000000-0001-11e2-8000-000000000000',
                                  '80000000-0000-11e1-8000-000000000000', '80000000-0000-11e1-8000-000000000001')]
    times.insert('row', dict((i, str(i)[:8]) for i in ids))
    show('in the order of time', times.get('row').values())
    show('since', times.get('row', column_start=datetime.datetime(2012, 1, 1)).values())
    refused('another kind of UUID', times.insert, 'row', {uuid.UUID('54947df8-0e9e-4471-a2f9-9af509fb5889'): 'x'})
finally:
    s.close()
