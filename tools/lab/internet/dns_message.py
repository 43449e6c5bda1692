"""Just enough of DNS messages (RFC 1035 §4) for a wire that spoils some: the question, the records' places, answers of its own."""
import socket
import struct

TYPES = {'A': 1, 'NS': 2, 'CNAME': 5, 'SOA': 6, 'MX': 15, 'TXT': 16, 'AAAA': 28, 'DS': 43, 'RRSIG': 46, 'DNSKEY': 48, 'TLSA': 52}
NUMBERS = {number: name for name, number in TYPES.items()}
SERVFAIL, NXDOMAIN, REFUSED = 2, 3, 5


def skip_name(packet, at):
    while packet[at]:
        if packet[at] >= 0xc0:
            return at + 2
        at += packet[at] + 1
    return at + 1


def question(packet):
    """(name in lower case without a final dot, type, end of the question)"""
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode('latin-1').lower())
        at += packet[at] + 1
    kind = struct.unpack_from('>H', packet, at + 1)[0]
    return '.'.join(labels), NUMBERS.get(kind, str(kind)), at + 5


def records(packet):
    """(section 1..3, type, place of the data, length) of each record."""
    _, _, at = question(packet)
    for section, count in enumerate(struct.unpack_from('>HHH', packet, 6), 1):
        for _ in range(count):
            at = skip_name(packet, at)
            kind, _, _, length = struct.unpack_from('>HHIH', packet, at)
            yield section, NUMBERS.get(kind, str(kind)), at + 10, length
            at += 10 + length


def corrupt(packet):
    """Every signature of the answer loses its last byte's meaning; without signatures, the data does."""
    changed = bytearray(packet)
    places = list(records(packet))
    spoiled = [r for r in places if r[0] < 3 and r[1] == 'RRSIG'] or [r for r in places if r[0] == 1]
    for _, _, at, length in spoiled:
        changed[at + length - 1] ^= 0x55
    return bytes(changed)


def empty(query, code=0, authoritative=True):
    """An answer without records: an error, or an unproven denial."""
    _, _, end = question(query)
    flags = 0x8000 | (0x0400 if authoritative else 0) | (struct.unpack_from('>H', query, 2)[0] & 0x0110) | code
    return query[:2] + struct.pack('>HHHHH', flags, 1, 0, 0, 0) + query[12:end]


def truncated(query):
    made = bytearray(empty(query))
    made[2] |= 0x02
    return bytes(made)


def name_bytes(name):
    return b''.join(bytes([len(label)]) + label.encode() for label in name.split('.') if label) + b'\0'


def answer(query, kind, *datas, ttl=5):
    """An answer with records of the question's name."""
    made = bytearray(empty(query))
    struct.pack_into('>H', made, 6, len(datas))
    for data in datas:
        made += b'\xc0\x0c' + struct.pack('>HHIH', TYPES[kind], 1, ttl, len(data)) + data
    return bytes(made)


def data_of(kind, *values):
    """Record data for what an attacker forges."""
    if kind == 'A':
        return socket.inet_aton(values[0])
    if kind == 'AAAA':
        return socket.inet_pton(socket.AF_INET6, values[0])
    if kind == 'MX':
        return struct.pack('>H', 1) + name_bytes(values[0])
    if kind == 'TXT':
        text = values[0].encode()
        return bytes([len(text)]) + text
    if kind == 'TLSA':
        return bytes.fromhex(values[0])
    raise ValueError(kind)


def without_signatures(packet):
    """The answer section's records but its signatures: what an attacker sends who cannot sign."""
    name, kind, end = question(packet)
    kept, at = [], end
    counts = struct.unpack_from('>HHH', packet, 6)
    for _ in range(counts[0]):
        start, at = at, skip_name(packet, at)
        number, _, _, length = struct.unpack_from('>HHIH', packet, at)
        at += 10 + length
        if NUMBERS.get(number) != 'RRSIG':
            kept.append(packet[start:at])
    return packet[:6] + struct.pack('>HHH', len(kept), 0, 0) + packet[12:end] + b''.join(kept)
