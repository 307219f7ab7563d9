"""Base 64 and base 16."""
def b64encode(s, altchars=None):
    text = s.encode('base64').replace('\n', '')
    if altchars is not None:
        text = text.replace('+', altchars[0]).replace('/', altchars[1])
    return text

def b64decode(s, altchars=None):
    if altchars is not None:
        s = s.replace(altchars[0], '+').replace(altchars[1], '/')
    try:
        return s.decode('base64')
    except Exception:
        raise TypeError('Incorrect padding')

standard_b64encode, standard_b64decode, decodestring = b64encode, b64decode, b64decode

def urlsafe_b64encode(s):
    return b64encode(s, '-_')

def urlsafe_b64decode(s):
    return b64decode(s, '-_')

def encodestring(s):
    return s.encode('base64')

def b16encode(s):
    return s.encode('hex').upper()

def b16decode(s, casefold=False):
    return s.decode('hex')
