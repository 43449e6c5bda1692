"""An attacker on the wire: whatever he does, no message whose domain promised protection goes out without it.

The wire and the servers are the witnesses: the wire tells every recipient named in the clear and everything the
attacker's own servers hear; the servers write down how each message came.
"""
import random
import time

from tests.lab.harness import Skip, check, test
from tests.lab.outgoing import send, sending_box
from tools.lab.internet import attack, fates, outgoing, peer

SEED = 20261122


def heard(event):
    """Recipients an event names, and whether the attacker was the one who heard."""
    if event['kind'] == 'clear':
        return event['recipients'], event['evil'], ''
    if event['kind'] == 'session':
        return outgoing.named('\n'.join(event['asked'])), event['evil'], event['tls']
    return [], False, ''


def breaches(world, events, policy_known):
    """Every promise that was broken, in words."""
    found = []
    for event in events:
        recipients, evil, tls = heard(event)
        for recipient in recipients:
            placed = world.by_domain.get(recipient.rpartition('@')[2])
            if not placed:
                continue
            hosts = [host for host in placed.hosts if host.name == event['host']] or list(placed.hosts)
            broken = [attack.broken(placed, host, policy_known, evil, tls) for host in hosts]
            if broken and all(broken):
                found.append(f'{recipient} was named {broken[0]}, at {event["host"]} in mode {event["mode"]}')
    return found


def arrived_wrong(world, letters):
    """Messages to proven hosts that came otherwise than the table lets them. A letter of the cold rounds may have come
    before its domain's MTA-STS policy could be had."""
    found = []
    for one in letters:
        owed = {attack.promise(one.row, host, '-cold' not in one.name) for host in one.placed.hosts}
        came = outgoing.arrivals(world, one)
        if owed != {attack.PROVEN} or not came:
            continue
        right = one.expect.result == 'delivered' and one.placed.host(one.expect.by).name
        found += [f'{one.name} came to {a.by} {"over " + a.tls if a.tls else "in the clear"}' for a in came if a.by != right or not a.tls]
    return found


def knows_policy(fate):
    """The box applied a policy of MTA-STS to the letter, whatever came of it."""
    return 'pkix' in fate.insisted or 'MTA-STS policy' in fate.why


class Siege:
    """One box under attack; counts and checks as it goes."""

    def __init__(self, bench, box, world):
        self.bench, self.box, self.world = bench, box, world
        self.dice = random.Random(SEED)
        self.letters, self.planned, self.done = [], 0, 0
        self.policy_known = False
        self.world.events()

    def rows(self):
        return [placed for placed in self.world.rows if placed.row.name not in ('attacker', 'reports', 'silent', 'silent-next')]

    def round(self, mark, seconds):
        """Attacks everywhere at once, and a letter to everybody."""
        chosen = attack.choose(self.dice, self.world.rows, self.world.by_name['attacker'].hosts[0].address4)
        self.world.order(dns=chosen.dns, smtp=chosen.smtp, web=chosen.web)
        self.planned += chosen.count
        rows = self.dice.sample(self.rows(), len(self.rows()))
        self.letters += send(self.bench, rows, mark)
        time.sleep(seconds)
        self.judge()

    def judge(self):
        done = self.world.order(forget=True)
        self.done += sum(done['dns'].values()) + sum(done['tcp'].values())
        wrong = breaches(self.world, self.world.events(), self.policy_known) + arrived_wrong(self.world, self.letters)
        check(not wrong, f'{len(wrong)} promises broken: ' + '; '.join(wrong[:5]))

    def warm(self):
        """Peace, until every policy that can be had is known."""
        self.judge()
        self.world.peace()
        rows = [placed for placed in self.rows() if attack.sts_promise(placed.row) == attack.PROVEN and not (placed.row.flags or placed.row.dns)]
        end, number = time.monotonic() + 150, 0
        while rows:
            # What was hidden from the box while it knew nothing may still be remembered as missing: it is asked again.
            letters = send(self.bench, rows, f'warm{number}')
            unknown, number = self.unknown_after(letters, 8), number + 1
            check(not unknown or time.monotonic() < end, 'policies not known after minutes of peace: ' + '; '.join(unknown.values()))
            rows = [placed for placed in rows if placed.row.name in unknown]
        self.world.events()
        self.policy_known = True

    def unknown_after(self, letters, seconds):
        """Rows whose letter did not leave by a policy within so many seconds, and why."""
        end, unknown = time.monotonic() + seconds, letters
        while unknown and time.monotonic() < end:
            time.sleep(0.5)
            outcomes = self.box.outcomes()
            unknown = [one for one in unknown if not knows_policy(fates.fate_of(outcomes, one))]
        return {one.row.name: f'{one.row.name} ({fates.fate_of(outcomes, one).why})' for one in unknown}

    def finish(self):
        """Peace: what may go out leaves, each letter once and unharmed."""
        self.judge()
        self.world.peace()
        whole = [one for one in self.letters if one.expect.result == 'delivered' and not one.row.flags]
        # The validator remembers a key that it found bogus for 60 seconds; until then the domain's mail waits, and has to.
        end, late = time.monotonic() + 180, whole
        while late and time.monotonic() < end:
            time.sleep(1)
            outcomes = self.box.outcomes()
            late = [one for one in late if not outgoing.arrivals(self.world, one) and fates.fate_of(outcomes, one).result != 'bounced']
        check(not late, f'{len(late)} letters never left after the siege, such as {[one.name for one in late][:5]}')
        self.judge()
        self.bench.note(f'{self.done} attacks took effect, of {self.planned} kinds planned; {len(self.letters)} letters, no promise broken')


@test
def no_attack_breaks_a_promise(bench):
    """Cold, warm and across restarts: forged names, stripped TLS, wrong certificates, false and missing policies."""
    # In short: one cold round, the data plane killed, one warm round. Every restart and many rounds with --long.
    rounds, seconds = bench.rounds(1, 40), bench.rounds(5, 12)
    with sending_box(bench) as (box, world):
        siege = Siege(bench, box, world)
        for number in range(bench.rounds(1, 5)):
            siege.round(f'cold{number}', seconds)
        siege.warm()
        for number in range(1, rounds + 1):
            restart(box, number)
            siege.round(f'hot{number}', seconds)
        siege.finish()


@test
def the_siege_would_see_a_sender_that_lets_go(bench):
    """Postfix without and with DANE in the box's place: the first breaks promises, the second none (--long only)."""
    if not bench.long:
        raise Skip('only with --long: it takes a minute')
    world = bench.world
    broken = {}
    for level in ('may', 'dane'):
        resolver = peer.Unbound(bench.place, bench.network, world.names).start()
        relay = peer.relay(bench.place, bench.network, world.chains.roots, {'smtp_tls_security_level': level})
        try:
            relay.start()
            broken[level] = besiege_peer(bench, world, level)
        finally:
            relay.stop()
            resolver.stop()
            bench.network.take_kernel_addresses()
    check(broken['may'] > 10 and broken['dane'] == 0, f'promises broken: {broken}')
    bench.note(f'{broken["may"]} promises broken without DANE, none with it')


def besiege_peer(bench, world, level, rounds=3):
    rows = [placed for placed in world.rows if not (placed.row.flags or placed.row.override or placed.row.sts) and placed.row.name != 'attacker']
    dice, found = random.Random(5), 0
    world.events()
    for number in range(rounds):
        chosen = attack.choose(dice, rows, world.by_name['attacker'].hosts[0].address4)
        world.order(dns=chosen.dns, smtp=chosen.smtp, web=chosen.web)
        outgoing.submit(bench.network, [outgoing.letter(placed, f'{level}{number}') for placed in rows])
        time.sleep(10)
        found += len(breaches(world, world.events(), False))
    world.peace()
    return found


def restart(box, number):
    """The resolver, the data plane or everything: what was promised must be known afterwards."""
    if number % 3 == 0:
        box.kill_resolver()
    elif number % 3 == 1:
        box.kill_dataplane()
        box.wait_ready(40)
    else:
        box.stop()
        box.start()
