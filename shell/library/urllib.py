"""Quoting for URLs."""
_safe = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-'

def quote(s, safe='/'):
    return ''.join([c if c in _safe or c in safe else '%%%02X' % ord(c) for c in s])

def quote_plus(s, safe=''):
    return quote(s, safe + ' ').replace(' ', '+')

def unquote(s):
    parts = s.split('%')
    out = [parts[0]]
    for part in parts[1:]:
        try:
            out.append(chr(int(part[:2], 16)) + part[2:])
        except ValueError:
            out.append('%' + part)
    return ''.join(out)

def unquote_plus(s):
    return unquote(s.replace('+', ' '))

def urlencode(query, doseq=0):
    pairs = []
    for k, v in query.items() if hasattr(query, 'items') else query:
        values = v if doseq and not isinstance(v, basestring) and hasattr(v, '__iter__') else [v]
        for x in values:
            pairs.append(quote_plus(str(k)) + '=' + quote_plus(str(x)))
    return '&'.join(pairs)
