"""Column families: rows, slices, ranges, batches, TTLs, deletions, indexes."""
import threading

from pycassa import NotFoundException
from pycassa.batch import Mutator
from pycassa.columnfamily import ColumnFamily
from pycassa.columnfamilymap import ColumnFamilyMap
from pycassa.index import *
from pycassa.system_manager import *
from pycassa.types import *
from session import Session, refused, show, text, title

s = Session('PyRows')
try:
    s.family('Users', comparator_type=UTF8_TYPE, key_validation_class=UTF8_TYPE, default_validation_class=UTF8_TYPE,
             column_validation_classes={'age': LONG_TYPE, 'height': INT_TYPE})
    s.family('Numbers', comparator_type=LONG_TYPE, key_validation_class=UTF8_TYPE, default_validation_class=DOUBLE_TYPE)
    users = ColumnFamily(s.pool, 'Users')
    numbers = ColumnFamily(s.pool, 'Numbers')

    title('insert and get')
    users.insert('ada', {'name': 'Ada', 'age': 36, 'height': 165, 'city': u'K\u00f8benhavn'}, timestamp=100)
    show('all', users.get('ada'))
    show('one', users.get('ada', columns=['age']))
    show('with timestamps', users.get('ada', include_timestamp=True))
    refused('no row', users.get, 'nobody')
    refused('no column', users.get, 'ada', columns=['nothing'])
    users.insert('ada', {'name': 'older'}, timestamp=99)
    users.insert('ada', {'age': 37}, timestamp=101)
    show('the newer one wins', users.get('ada'))

    title('slices')
    numbers.insert('squares', dict((n, float(n * n)) for n in range(-5, 6)))
    show('all', numbers.get('squares'))
    show('from -2 to 3', numbers.get('squares', column_start=-2, column_finish=3))
    show('reversed from 3, three', numbers.get('squares', column_start=3, column_reversed=True, column_count=3))
    show('the last', numbers.get('squares', column_reversed=True, column_count=1))
    show('count', numbers.get_count('squares'))
    show('count from 0', numbers.get_count('squares', column_start=0))
    show('paged by three', list(numbers.xget('squares', buffer_size=3)))
    show('paged, four', list(numbers.xget('squares', column_start=5, column_reversed=True, column_count=4, buffer_size=2)))
    refused('ends in the wrong order', numbers.get, 'squares', column_start=3, column_finish=-2)

    title('many rows')
    users.batch_insert(dict(('user%d' % n, {'name': 'User %d' % n, 'age': 20 + n}) for n in range(6)))
    show('multiget', users.multiget(['user3', 'user1', 'nobody'], columns=['age']))
    show('multiget_count', users.multiget_count(['user3', 'user1', 'ada', 'nobody']))
    show('range', list(users.get_range(columns=['age'], buffer_size=3)))
    show('three rows', [key for key, _ in users.get_range(row_count=3)])
    show('from user3', [key for key, _ in users.get_range(start='user3', buffer_size=2)])
    show('without columns', list(users.get_range(column_count=0, filter_empty=False, row_count=2)))

    title('batches')
    with users.batch(queue_size=3) as b:
        for n in range(7):
            b.insert('batch', {'c%d' % n: str(n)})
        b.remove('batch', ['c2', 'c5'])
    show('a batch', users.get('batch'))
    with Mutator(s.pool) as m:
        m.insert(users, 'both', {'name': 'b'})
        m.insert(numbers, 'both', {1: 1.5})
        m.remove(users, 'batch')
    show('over families', (users.get('both'), numbers.get('both')))
    refused('removed', users.get, 'batch')
    with users.batch(atomic=True) as b:
        b.insert('atomic', {'name': 'a'})
    show('atomic', users.get('atomic'))

    title('columns that expire')
    users.insert('ttl', {'name': 'kept'}, ttl=1000)
    show('ttl', users.get('ttl', include_ttl=True))

    title('removals')
    users.remove('ada', ['city', 'height'])
    show('columns', users.get('ada'))
    users.remove('both')
    refused('row', users.get, 'both')
    users.remove('user0', timestamp=1)
    show('of an older time', users.get('user0'))
    numbers.truncate()
    show('truncated', list(numbers.get_range()))

    title('many threads')

    def work(row):
        for n in range(25):
            users.insert(row, {'%02d' % n: row})
            users.get(row, columns=['%02d' % n])

    threads = [threading.Thread(target=work, args=('thread%d' % n,)) for n in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    show('columns', [users.get_count('thread%d' % n) for n in range(6)])

    title('indexes')
    s.family('People', comparator_type=UTF8_TYPE, key_validation_class=UTF8_TYPE, default_validation_class=UTF8_TYPE,
             column_validation_classes={'born': LONG_TYPE})
    s.system.create_index('PyRows', 'People', 'state', UTF8_TYPE)
    people = ColumnFamily(s.pool, 'People')
    for n in range(30):
        people.insert('p%02d' % n, {'state': ['UT', 'WI', 'TX'][n % 3], 'born': 1960 + n})

    def where(*expressions, **kwargs):
        count = kwargs.pop('count', 100)
        return list(people.get_indexed_slices(create_index_clause(list(expressions), count=count), **kwargs))

    show('equal', where(create_index_expression('state', 'UT'), columns=['born']))
    show('and later', where(create_index_expression('state', 'UT'), create_index_expression('born', 1980, GTE)))
    show('and between', where(create_index_expression('state', 'WI'), create_index_expression('born', 1965, GT),
                              create_index_expression('born', 1980, LT), columns=['born']))
    show('paged by two', [key for key, _ in where(create_index_expression('state', 'TX'), buffer_size=2)])
    show('three', [key for key, _ in where(create_index_expression('state', 'TX'), count=3)])
    show('none', where(create_index_expression('state', 'CA')))
    refused('no index', where, create_index_expression('born', 1970))

    title('objects')

    class User(object):
        key = UTF8Type()
        name = UTF8Type()
        age = LongType(default=7)
        joined = DateType(default=None)

    objects = ColumnFamilyMap(User, s.pool, 'Users')
    user = User()
    user.key, user.name, user.age = 'object', 'Object', 50
    user.joined = None
    objects.insert(user)
    show('object', (objects.get('object').name, objects.get('object').age))
    objects.remove(user)
    refused('removed', objects.get, 'object')

    title('refused')
    refused('no family', ColumnFamily, s.pool, 'Nothing')
    refused('no key', users.insert, '', {'name': 'x'})
    refused('no name', users.insert, 'k', {'': 'x'})
    refused('a long name', users.insert, 'k', {'n' * 65536: 'x'})
    refused('a TTL of zero', users.insert, 'k', {'name': 'x'}, ttl=-1)
    raw = ColumnFamily(s.pool, 'Users', autopack_values=False)
    refused('a value of another type', raw.insert, 'k', {'age': 'text'})
    show('as bytes', raw.get('user1')['age'].encode('hex'))
finally:
    s.close()
