"""Text in lines of a width."""
def wrap(text, width=70, initial_indent='', subsequent_indent=''):
    lines, line, indent = [], '', initial_indent
    for word in text.split():
        while len(indent) + len(word) > width:
            if line:
                lines.append(indent + line)
                line, indent = '', subsequent_indent
            room = max(width - len(indent), 1)
            if len(word) <= room:
                break
            lines.append(indent + word[:room])
            word, indent = word[room:], subsequent_indent
        if line and len(indent) + len(line) + 1 + len(word) > width:
            lines.append(indent + line)
            line, indent = word, subsequent_indent
        else:
            line = line + ' ' + word if line else word
    if line:
        lines.append(indent + line)
    return lines

def fill(text, width=70, **kw):
    return '\n'.join(wrap(text, width, **kw))

def dedent(text):
    lines = text.split('\n')
    margins = [len(l) - len(l.lstrip()) for l in lines if l.strip()]
    n = min(margins) if margins else 0
    return '\n'.join(l[n:] if l.strip() else '' for l in lines)
