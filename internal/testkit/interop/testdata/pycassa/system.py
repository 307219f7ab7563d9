"""The system manager: who is there, and definitions."""
from pycassa.system_manager import *
from pycassa.types import *
from session import Session, refused, show, title

s = Session('PySystem')
system = s.system
try:
    title('the cluster')
    show('name', system.describe_cluster_name())
    show('version', system.describe_version())
    show('partitioner', system.describe_partitioner())
    show('snitch', system.describe_snitch())
    show('schema versions', len(system.describe_schema_versions()))
    ring = system.describe_ring('PySystem')
    show('ring', (len(ring), ring[0].endpoints))
    show('tokens', len(system.describe_token_map()))

    title('keyspaces')
    show('listed', 'PySystem' in system.list_keyspaces())
    show('properties', system.get_keyspace_properties('PySystem'))
    system.alter_keyspace('PySystem', strategy_options={'replication_factor': '3'})
    show('altered', system.get_keyspace_properties('PySystem'))
    system.create_keyspace('PyTopology', NETWORK_TOPOLOGY_STRATEGY, {'dc1': '2', 'dc2': '1'}, durable_writes=False)
    show('topology', system.get_keyspace_properties('PyTopology'))
    system.drop_keyspace('PyTopology')

    def describe(name):
        family = system.get_keyspace_column_families('PySystem', use_dict_for_col_metadata=True)[name]
        for attribute in ('column_type', 'comparator_type', 'subcomparator_type', 'comment', 'read_repair_chance',
                          'gc_grace_seconds', 'default_validation_class', 'key_validation_class',
                          'min_compaction_threshold', 'max_compaction_threshold', 'replicate_on_write',
                          'compression_options', 'caching', 'compaction_strategy', 'dclocal_read_repair_chance',
                          'bloom_filter_fp_chance', 'populate_io_cache_on_flush', 'key_alias'):
            value = getattr(family, attribute, None)
            if value is not None:
                show('  ' + attribute, value)
        for name in sorted(family.column_metadata):
            column = family.column_metadata[name]
            show('  column ' + name, (column.validation_class, column.index_type, column.index_name))

    title('column families')
    s.family('Plain')
    describe('Plain')
    s.family('Full', comparator_type=UTF8_TYPE, key_validation_class=ASCII_TYPE, default_validation_class=LONG_TYPE,
             comment='all that there is', read_repair_chance=0.25, gc_grace_seconds=60, min_compaction_threshold=3,
             max_compaction_threshold=9, column_validation_classes={'a': UTF8Type(), 'b': DATE_TYPE})
    describe('Full')
    system.alter_column_family('PySystem', 'Full', comment='changed', gc_grace_seconds=0)
    system.alter_column('PySystem', 'Full', 'b', BYTES_TYPE)
    system.create_index('PySystem', 'Full', 'c', UTF8_TYPE, index_name='by_c')
    describe('Full')
    system.drop_index('PySystem', 'Full', 'c')
    describe('Full')
    s.family('Super', super=True, comparator_type=LONG_TYPE, subcomparator_type=LONG_TYPE)
    describe('Super')
    s.family('Composite', comparator_type=CompositeType(LongType(reversed=True), AsciiType()),
             key_validation_class=UUIDType(), default_validation_class=DecimalType())
    describe('Composite')
    system.drop_column_family('PySystem', 'Full')
    show('left', sorted(system.get_keyspace_column_families('PySystem')))

    title('refused')
    refused('a keyspace again', system.create_keyspace, 'PySystem', SIMPLE_STRATEGY, {'replication_factor': '1'})
    refused('a keyspace without replication', system.create_keyspace, 'PyWrong', SIMPLE_STRATEGY, {})
    refused('a keyspace with a dash', system.create_keyspace, 'Py-Wrong', SIMPLE_STRATEGY, {'replication_factor': '1'})
    refused('an unknown strategy', system.create_keyspace, 'PyWrong', 'NoStrategy', {'replication_factor': '1'})
    refused('describing no keyspace', system.get_keyspace_properties, 'PyNothing')
    refused('altering no keyspace', system.alter_keyspace, 'PyNothing', SIMPLE_STRATEGY, {'replication_factor': '1'})
    refused('dropping no keyspace', system.drop_keyspace, 'PyNothing')
    refused('a family again', s.family, 'Plain')
    refused('an unknown type', s.family, 'Wrong', comparator_type='NoType')
    refused('an index on a super column family', system.create_index, 'PySystem', 'Super', 1, UTF8_TYPE)
    refused('another comparator', system.alter_column_family, 'PySystem', 'Plain', comparator_type=LONG_TYPE)
    refused('thresholds that contradict', system.alter_column_family, 'PySystem', 'Plain', min_compaction_threshold=50)
    refused('dropping no family', system.drop_column_family, 'PySystem', 'Nothing')
finally:
    s.close()
