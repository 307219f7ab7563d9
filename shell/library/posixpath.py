"""Functions for paths as text."""
sep, pardir, curdir, extsep = '/', '..', '.', '.'

def join(a, *rest):
    for b in rest:
        if b.startswith('/'):
            a = b
        elif a == '' or a.endswith('/'):
            a += b
        else:
            a += '/' + b
    return a

def split(p):
    i = p.rfind('/') + 1
    head, tail = p[:i], p[i:]
    if head and head != '/' * len(head):
        head = head.rstrip('/')
    return head, tail

def basename(p):
    return split(p)[1]

def dirname(p):
    return split(p)[0]

def splitext(p):
    name = basename(p)
    i = name.rfind('.')
    if i <= 0 or name[:i] == '.' * i:
        return p, ''
    n = len(name) - i
    return p[:-n], p[-n:]

def isabs(p):
    return p.startswith('/')

def normpath(p):
    if p == '':
        return '.'
    root = '/' if p.startswith('/') else ''
    parts = []
    for part in p.split('/'):
        if part in ('', '.'):
            continue
        if part != '..' or not root and not parts or parts and parts[-1] == '..':
            parts.append(part)
        elif parts:
            parts.pop()
    return root + '/'.join(parts) or '.'

def exists(p):
    try:
        open(p).close()
    except IOError:
        return False
    return True

isfile = exists
