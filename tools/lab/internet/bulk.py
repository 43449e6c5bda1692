"""Many domains that share one mail host with DANE: what the bench sends to. Straight from the name server, past the wire."""
from tools.lab.internet import authority
from tools.lab.internet.zones import Zone

NAME = 'bulk.test'
HOST = f'mx.{NAME}'
ADDRESS = '198.18.250.1'
TTL = 3600


def chain(chains):
    return chains.chain('private', HOST)


def zone(chains, count):
    """d0.bulk.test to d<count - 1>.bulk.test."""
    lines = [f'mx {TTL} IN A {ADDRESS}', f'_25._tcp.mx {TTL} IN TLSA {authority.tlsa("3 1 1 leaf", chain(chains))}']
    lines += [f'd{number} {TTL} IN MX 10 mx' for number in range(count)]
    return Zone(NAME, lines, True, servers=('ns-bulk',))
