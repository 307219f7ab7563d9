"""What a script needs of names of files. The shell reaches no processes and no directories."""
import posixpath as path
name, sep, linesep, pathsep, curdir, pardir, extsep = 'posix', '/', '\n', ':', '.', '..', '.'
environ = {}

def getenv(key, default=None):
    return environ.get(key, default)

error = OSError
