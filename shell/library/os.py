"""Functions for paths of files. The shell has no access to processes and directories."""
import posixpath as path
name, sep, linesep, pathsep, curdir, pardir, extsep = 'posix', '/', '\n', ':', '.', '..', '.'
environ = {}

def getenv(key, default=None):
    return environ.get(key, default)

error = OSError
