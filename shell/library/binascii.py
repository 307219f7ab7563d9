"""Bytes as text."""
def hexlify(data):
    return data.encode('hex')

def unhexlify(data):
    return data.decode('hex')

b2a_hex, a2b_hex = hexlify, unhexlify

def b2a_base64(data):
    return data.encode('base64')

def a2b_base64(data):
    return data.decode('base64')
