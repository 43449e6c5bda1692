"""The plain table of what happened, joined from the box's message log and from what the lab itself knows."""
from tools.lab.certificates import GATEWAY_NAME, OFFICE_NAME, SENDER_NAME
from tools.lab.compare import difference

COLUMNS = [('what', 36), ('from', 24), ('to', 24), ('TLS', 8), ('cipher', 28), ('spool id', 16), ('ms', 7), ('reply', 34), ('verdict', 9)]


def short(text, width):
    return text if len(text) <= width else text[:width - 1] + '…'


def header():
    return '  '.join(name.ljust(width) for name, width in COLUMNS) + '\n' + '  '.join('-' * width for _, width in COLUMNS)


def row(values):
    return '  '.join(short(str(v), width).ljust(width) for v, (_, width) in zip(values, COLUMNS)).rstrip()


def trace(message):
    """Who must have added a Received line, newest first."""
    return [OFFICE_NAME, GATEWAY_NAME] + [SENDER_NAME] * message.hops


def verdict(message, delivered):
    """('equal' | 'DIFFERENT' | 'MISSING' | 'refused', why)"""
    if message.expect != 250:
        arrived = [r for r in message.recipients if delivered.get((message.name, r))]
        return ('WRONG', 'it arrived all the same') if arrived else ('refused', '')
    for recipient in message.recipients:
        copies = delivered.get((message.name, recipient), [])
        if not copies:
            return 'MISSING', f'nothing for {recipient}'
        for path in copies:
            why = difference(message.data, path.read_bytes(), trace(message))
            if why:
                return 'DIFFERENT', why
        if len(copies) > 1:
            return 'DOUBLE', f'{len(copies)} copies for {recipient}'
    return 'equal', ''


def about(message, outcomes):
    """The box's own words on a message: (accepted, delivered or refused) entries of its log."""
    mine = [o for o in outcomes if o['from'].strip('<>') == message.sender]
    first = next((o for o in mine if o['result'] in ('accepted', 'refused')), {})
    last = next((o for o in reversed(mine) if o['result'] in ('delivered', 'bounced', 'deferred')), {})
    return first, last


def to_text(message):
    more = len(message.recipients) - 1
    return message.recipients[0] + (f' +{more}' if more else '')


def line(message, sent, outcomes, delivered):
    first, last = about(message, outcomes)
    word, why = verdict(message, delivered)
    if sent.code != message.expect:
        word, why = 'WRONG', f'expected {message.expect}'
    milliseconds = (first.get('seconds', 0) + last.get('seconds', 0) or sent.seconds) * 1000
    reply = last.get('reply') or first.get('reply') or f'{sent.code} {sent.text}'
    tls = first.get('tls') or sent.tls
    values = [message.what, message.sender, to_text(message), tls or '-', first.get('cipher') or sent.cipher or '-',
              first.get('id') or '-', f'{milliseconds:.1f}', reply, word]
    return row(values), word in ('equal', 'refused'), why
