"""A file in memory."""
from StringIO import StringIO
