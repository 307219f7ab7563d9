"""Super columns and counters."""
from pycassa.columnfamily import ColumnFamily
from pycassa.system_manager import *
from pycassa.types import *
from session import Session, refused, show, title

s = Session('PySupers')
try:
    title('super columns')
    s.family('Posts', super=True, comparator_type=LONG_TYPE, subcomparator_type=UTF8_TYPE,
             key_validation_class=UTF8_TYPE, default_validation_class=UTF8_TYPE)
    posts = ColumnFamily(s.pool, 'Posts')
    posts.insert('blog', dict((n, {'title': 'post %d' % n, 'body': 'text'}) for n in (1, 2, 10, 300)))
    posts.insert('diary', {1: {'title': 'dear'}})
    show('all', posts.get('blog'))
    show('two', posts.get('blog', columns=[10, 1]))
    show('one', posts.get('blog', super_column=2))
    show('a column', posts.get('blog', columns=['title'], super_column=2))
    show('from 2 to 10', posts.get('blog', column_start=2, column_finish=10))
    show('reversed', posts.get('blog', column_reversed=True, column_count=2))
    show('count', posts.get_count('blog'))
    show('count inside', posts.get_count('blog', super_column=1))
    show('paged', list(posts.xget('blog', buffer_size=2)))
    show('multiget', posts.multiget(['blog', 'diary'], super_column=1))
    show('range', list(posts.get_range(column_count=1)))
    show('range inside', list(posts.get_range(super_column=1)))
    posts.remove('blog', ['body'], super_column=1)
    posts.remove('blog', super_column=2)
    posts.remove('blog', [300])
    show('removed', posts.get('blog'))
    refused('no super column', posts.get, 'blog', super_column=2)

    title('counters')
    s.family('Hits', comparator_type=UTF8_TYPE, key_validation_class=UTF8_TYPE, default_validation_class=COUNTER_COLUMN_TYPE)
    hits = ColumnFamily(s.pool, 'Hits')
    hits.add('page', 'home')
    hits.add('page', 'home', 10)
    hits.add('page', 'home', -4)
    hits.insert('page', {'about': 3, 'help': 2})
    with hits.batch() as b:
        b.insert('page', {'about': 1})
        b.insert('other', {'home': -1})
    show('all', hits.get('page'))
    show('reversed', hits.get('page', column_reversed=True, column_count=1))
    show('range', list(hits.get_range()))
    show('multiget', hits.multiget(['page', 'other'], columns=['home']))
    hits.remove_counter('page', 'home')
    show('removed', hits.get('page'))
    hits.remove('page', ['about'])
    show('removed by remove', hits.get('page'))

    title('counters in super columns')
    s.family('Nested', super=True, comparator_type=UTF8_TYPE, subcomparator_type=UTF8_TYPE,
             key_validation_class=UTF8_TYPE, default_validation_class=COUNTER_COLUMN_TYPE)
    nested = ColumnFamily(s.pool, 'Nested')
    nested.add('site', 'home', 5, super_column='june')
    nested.insert('site', {'june': {'home': 2, 'about': 1}, 'july': {'home': 1}})
    show('all', nested.get('site'))
    show('one', nested.get('site', super_column='june'))
    nested.remove_counter('site', 'about', super_column='june')
    show('removed', nested.get('site'))
finally:
    s.close()
