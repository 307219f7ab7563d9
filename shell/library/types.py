"""The classes of values."""
import sys
NoneType, TypeType, ObjectType = type(None), type, object
IntType, LongType, FloatType, BooleanType = int, long, float, bool
StringType, UnicodeType, StringTypes = str, unicode, (str, unicode)
TupleType, ListType, DictType, DictionaryType = tuple, list, dict, dict
FunctionType = LambdaType = type(lambda: 0)
BuiltinFunctionType = type(len)
GeneratorType = type(x for x in ())
ModuleType = type(sys)
