"""Mail goes out: every row of the lab's internet, in one box, and what the box says about it."""
import base64
import contextlib
import subprocess
import time

from tests.lab.harness import check, test
from tools.lab import messages
from tools.lab.internet import box as internet_box
from tools.lab.internet import fates, outgoing
from tools.lab.shell import run, wait_for


@contextlib.contextmanager
def sending_box(bench, more=None, keep=False):
    """A box that sends to the lab's internet; `keep`: it knows what earlier ones learned."""
    world = bench.world
    learned = bench.place.path('learned' if keep else f'learned-{bench.name}')
    settings = internet_box.settings(world, learned) | internet_box.overrides(world.rows)
    with bench.box(settings | (more or {})) as box:
        yield box, world


def send(bench, rows, mark, expect=None):
    """Hands in a letter to each row."""
    letters = [outgoing.letter(placed, f'{mark}', expect(placed) if expect else None) for placed in rows]
    for one, (code, text) in zip((o for o in letters if 'requiretls' in o.flags), outgoing.submit(bench.network, letters)):
        check(code == 250, f'{one.row.name}: the box says {code} {text}')
    return letters


def wait_fates(box, world, letters, seconds):
    """The fates of all letters, once each has one or the time is over."""
    end = time.monotonic() + seconds
    while True:
        outcomes = box.outcomes()
        found = {one.name: fates.fate_of(outcomes, one) for one in letters}
        if all(fates.settled(world, one, found[one.name]) for one in letters) or time.monotonic() > end:
            return found
        time.sleep(0.5)


def check_fates(world, letters, found):
    wrong = {one.row.name: why for one in letters if (why := fates.fault(world, one, found[one.name]))}
    check(not wrong, f'{len(wrong)} of {len(letters)} rows:' + ''.join(f'\n      {name}: {why}' for name, why in wrong.items()))


@test
def every_domain_gets_what_it_promised(bench):
    """Each row of the table: delivered, deferred or bounced, over what it promised, with the reason told."""
    with sending_box(bench) as (box, world):
        rows = [placed for placed in world.rows if placed.row.name != 'attacker']
        letters = send(bench, rows, '1')
        found = wait_fates(box, world, letters, 60)
        check_fates(world, letters, found)
        changed = [placed for placed in rows if placed.row.change]
        change_all(world, changed)
        later = send(bench, changed, '2', lambda placed: placed.row.change.expect)
        check_fates(world, later, wait_fates(box, world, later, 40))
        bench.note(f'{len(letters)} rows, {len(later)} of them again after a change')


def change_all(world, rows):
    """What the rows say changes between the first message and the second."""
    orders = [world.change(placed) for placed in rows]
    world.order(dns=[rule for dns, _, _ in orders for rule in dns], smtp={k: v for _, smtp, _ in orders for k, v in smtp.items()},
                web={k: v for _, _, web in orders for k, v in web.items()})
    time.sleep(2)  # what was learned runs out


@test
def what_waits_leaves_when_the_fault_is_gone(bench):
    """Deferred because servers stood in the way; delivered once they do not."""
    with sending_box(bench) as (box, world):
        rows = [world.by_name[name] for name in ('dane-311', 'sts-good', 'both-good', 'dane-211', 'plain')]
        stand = {address: 'refuse' for placed in rows for host in placed.hosts for address in host.addresses}
        world.order(smtp=stand)
        letters = send(bench, rows, 'waits')
        wait_for(lambda: all(fates.fate_of(box.outcomes(), one).result == 'deferred' for one in letters), 30, 'deferral of each')
        world.peace()
        check_fates(world, letters, wait_fates(box, world, letters, 40))


VERIFY = '''import sys, dkim
records = dict(line.split(b' ', 1) for line in open(sys.argv[1], 'rb').read().splitlines())
judge = dkim.DKIM(sys.stdin.buffer.read())
print(sum(judge.verify(idx=i, dnsfunc=lambda name, timeout=5: records.get(name.rstrip(b'.'))) for i in range(2)))
'''


@test
def mail_of_the_office_is_signed(bench):
    """With an RSA key, whose signatures a thread of its own makes, and an Ed25519 key; dkimpy says that both hold."""
    home, records = bench.place.path('dkim'), []
    for name, kind in (('rsa', 'k=rsa'), ('ed25519', 'k=ed25519')):
        more = ['-pkeyopt', 'rsa_keygen_bits:2048'] if name == 'rsa' else []
        run('openssl', 'genpkey', '-algorithm', name.upper(), *more, '-out', home / name)
        public = base64.b64decode(run('openssl', 'pkey', '-in', home / name, '-pubout').stdout.split(b'-----')[2])
        text = base64.b64encode(public if name == 'rsa' else public[-32:]).decode()
        records.append(f'{name}._domainkey.{messages.DOMAIN} v=DKIM1; {kind}; p={text}\n')
    (home / 'records').write_text(''.join(records))
    keys = [{'domain': messages.DOMAIN, 'selector': name, 'key': home / name} for name in ('rsa', 'ed25519')]
    with sending_box(bench, {'dkim.keys': keys}) as (box, world):
        for one in send(bench, [world.by_name[name] for name in ('dane-311', 'plain')], 'signed'):
            stored = wait_for(lambda one=one: world.mailbox.scan().get((one.name, one.recipient)), 60, f'letter {one.name}')
            data = stored[0].read_bytes().replace(b'\n', b'\r\n')
            done = subprocess.run(['/usr/bin/python3', '-c', VERIFY, home / 'records'], input=data, stdout=subprocess.PIPE, check=True)
            check(done.stdout.strip() == b'2', f'{one.name}: {done.stdout.strip().decode()} of 2 signatures hold')
        check(box.counters()['shard.signing_failed'] == 0, 'nothing went unsigned')
