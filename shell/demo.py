# The script creates the keyspace Demo with a small social network, if Demo does not exist.
from datetime import datetime, timedelta

if 'Demo' not in SYSTEM_MANAGER.list_keyspaces():
    SYSTEM_MANAGER.create_keyspace('Demo', SIMPLE_STRATEGY, {'replication_factor': '1'})
    create = SYSTEM_MANAGER.create_column_family

    # Users has one row for each user, and an index on the city.
    create('Demo', 'Users', comparator_type=UTF8_TYPE, key_validation_class=UTF8_TYPE, default_validation_class=UTF8_TYPE,
           column_validation_classes={'born': LONG_TYPE})
    SYSTEM_MANAGER.create_index('Demo', 'Users', 'city', UTF8_TYPE, index_name='demo_users_city')
    # Followers has one row for each user. Each column's name is a follower, and its value is the date.
    create('Demo', 'Followers', comparator_type=UTF8_TYPE, key_validation_class=UTF8_TYPE, default_validation_class=DATE_TYPE)
    # Timeline has one wide row for each user, with one column for each post, ordered by time.
    create('Demo', 'Timeline', comparator_type=TIME_UUID_TYPE, key_validation_class=UTF8_TYPE, default_validation_class=UTF8_TYPE)
    # Visits holds counters.
    create('Demo', 'Visits', comparator_type=UTF8_TYPE, key_validation_class=UTF8_TYPE, default_validation_class=COUNTER_COLUMN_TYPE)
    # Weather has composite names, (sensor, day). The values are temperatures.
    create('Demo', 'Weather', comparator_type=CompositeType(UTF8Type(), IntegerType()), key_validation_class=UTF8_TYPE,
           default_validation_class=DOUBLE_TYPE)

    pool = ConnectionPool('Demo')
    users, followers, timeline, visits, weather = [ColumnFamily(pool, name) for name in ('Users', 'Followers', 'Timeline', 'Visits', 'Weather')]
    people = [('ann', 'Ann Bell', 'Rome', 1975), ('bob', 'Bob Reyes', 'Oslo', 1982), ('cleo', 'Cleo Wu', 'Rome', 1990),
              ('dina', 'Dina Okafor', 'Lagos', 1988), ('emil', u'Emil Gr\xfcn', 'Oslo', 1969)]
    start = datetime(2024, 3, 1, 9)
    with users.batch() as b:
        for key, name, city, born in people:
            b.insert(key, {'name': name, 'city': city, 'born': born})
    for i, (key, _, _, _) in enumerate(people):
        followers.insert(key, dict((people[(i + n) % 5][0], start - timedelta(days=n * 30 + i)) for n in range(1, 3 + i % 2)))
    texts = ['Good morning', 'Coffee, then a slice of columns', 'Rain again', 'Sorted by time, as wide rows are', 'Good night']
    with timeline.batch(queue_size=50) as b:
        for n in range(40):
            moment = start + timedelta(hours=7 * n, minutes=n)
            b.insert(people[n % 5][0], {convert_time_to_uuid(moment): texts[n % 5]})
            b.insert('everyone', {convert_time_to_uuid(moment): people[n % 5][0] + ': ' + texts[n % 5]})
    for n, page in enumerate(['home', 'about', 'home', 'search', 'home', 'about']):
        visits.add('2024-03-01', page, n + 1)
    weather.insert('rome', dict(((sensor, day), base + (day * 7 % 5) / 2.0) for sensor, base in (('attic', 21.0), ('cellar', 12.5)) for day in range(1, 11)))
