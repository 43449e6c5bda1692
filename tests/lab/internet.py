"""The lab's own internet is what its table says: held against programs that are not ours before the box is."""
import concurrent.futures
import os
import socket
import struct

from tests.lab.harness import Skip, check, test
from tools.lab.internet import dns_message as dns
from tools.lab.internet import outgoing, peer
from tools.lab.network import entered
from tools.lab.shell import wait_for

# What Postfix sees otherwise, and why.
POSTFIX_DIFFERS = {
    'insecure-mx': 'checks TLSA records though the MX answer is unsigned', 'ds-trusted': 'has no negative trust anchor',
    'no-dane': 'does not know TLS-Required', 'no-clear': 'does not know TLS-Required', 'over-dane': 'was not told',
    'over-pkix': 'was not told', 'over-tls': 'was not told',
}


def ask(network, name, kind):
    """(code, secure) of a question to the resolver on the gateway's loopback."""
    with entered(network.names['gateway']):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with made:
        made.settimeout(20)
        made.connect(('127.0.0.1', 53))
        made.send(os.urandom(2) + struct.pack('>HHHHH', 0x0120, 1, 0, 0, 0) + dns.name_bytes(name) +
                  struct.pack('>HH', dns.TYPES[kind], 1))
        try:
            flags, = struct.unpack_from('>H', made.recv(4096), 2)
        except TimeoutError:
            raise AssertionError(f'no answer about {name} {kind}') from None
        return flags & 15, bool(flags & 0x20)


def expected_states(placed):
    """[(name, type, state)] by the table; state: secure, insecure, fails."""
    row, domain = placed.row, placed.row.domain
    rules = {(name, kind): action for name, kind, action in row.dns}
    if not row.published or any(line.startswith('ALIAS') for line in row.zone):
        return [(domain, 'MX', 'secure')]
    sound = 'fails' if row.ds == 'wrong' else 'secure' if row.signed else 'insecure'
    asked = [('@', 'MX'), *[(h.mx.name, 'A') for h in placed.hosts if not h.mx.name.endswith('.')],
             *[(h.mx.tlsa_at or f'_25._tcp.{h.mx.name}', 'TLSA') for h in placed.hosts if h.mx.tlsa and not h.mx.name.endswith('.') and h.mx.name != '@']]
    bad = ('servfail', 'corrupt', 'nxdomain', 'forge')
    return [(domain if name == '@' else f'{name}.{domain}', kind, 'fails' if rules.get((name, kind)) in bad else sound)
            for name, kind in asked if rules.get((name, kind)) != 'drop']  # silence costs the resolver half a minute


@test
def the_signed_names_are_what_the_table_says(bench):
    """Each name is secure, insecure or does not validate, as an unbound sees it that has the lab's anchor."""
    world = bench.world
    resolver = peer.Unbound(bench.place, bench.network, world.names).start()
    try:
        wanted = [state for placed in world.rows for state in expected_states(placed)]
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda one: ask(bench.network, one[0], one[1]), wanted))
    finally:
        resolver.stop()
    for (name, kind, state), (code, secure) in zip(wanted, answers):
        seen = 'fails' if code == dns.SERVFAIL else 'secure' if secure else 'insecure'
        check(seen == state, f'{name} {kind} is {seen}, the table says {state}')
    bench.note(f'{len(wanted)} questions')


@test
def postfix_with_dane_does_what_the_table_says(bench):
    """Postfix in the box's place, for every row without MTA-STS: delivered, deferred or bounced alike (--long only)."""
    if not bench.long:
        raise Skip('only with --long: it takes half a minute')
    world = bench.world
    resolver = peer.Unbound(bench.place, bench.network, world.names).start()
    relay = peer.relay(bench.place, bench.network, world.chains.roots)
    try:
        relay.start()
        letters = [outgoing.letter(placed, 'peer') for placed in world.rows if 'requiretls' not in placed.row.flags and not placed.row.sts]
        outgoing.submit(bench.network, letters)
        fate = lambda one: outgoing.postfix_fate(relay.log.read_text(errors='replace'), one)
        wait_for(lambda: all(fate(one)[0] for one in letters), 120, 'word of Postfix on every message', step=1)
        for one in letters:
            word = {'sent': 'delivered'}.get(fate(one)[0], fate(one)[0])
            same = word == one.expect.result and not outgoing.misdelivered(one, outgoing.arrivals(world, one))
            check(same or one.row.name in POSTFIX_DIFFERS, f'{one.row.name}: {fate(one)}, the table says {one.expect}')
        bench.note(f'{len(letters)} rows, {len(POSTFIX_DIFFERS)} known differences')
    finally:
        relay.stop()
        resolver.stop()
        bench.network.take_kernel_addresses()
