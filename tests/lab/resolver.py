"""The resolver may crash, hang or be killed at any moment: sessions wait, then defer; nothing else stops."""
import random
import signal
import time

from tests.lab.harness import check, test
from tests.lab.outgoing import check_fates, send, sending_box, wait_fates
from tools.lab.internet import fates
from tools.lab.shell import alive, wait_for

GOOD = ('dane-311', 'dane-211', 'dane-201', 'dane-rollover', 'tlsa-alias', 'sts-good', 'sts-wildcard', 'both-good', 'plain', 'plain-signed')


def good_rows(world):
    return [world.by_name[name] for name in GOOD]


@test
def killing_the_resolver_delays_mail_and_loses_none(bench):
    """SIGKILL at random moments while mail goes out and comes in."""
    rounds, dice = bench.rounds(5, 60), random.Random(31)
    with sending_box(bench) as (box, world):
        dataplane, letters = box.dataplane_pid(), []
        with bench.load_running('--seconds', 100000, '--connections', 2) as load:
            for number in range(rounds):
                letters += send(bench, good_rows(world), f'kill{number}')
                time.sleep(dice.uniform(0.0, 1.5))
                box.kill_resolver()
                before = len(bench.promised())
                time.sleep(0.7)
                check(len(bench.promised()) > before, 'mail comes in while there is no resolver')
            report = load.stop()
        check_fates(world, letters, wait_fates(box, world, letters, 60))
        check(alive(dataplane), 'the data plane never stopped')
        check(not report['errors'], f'{report["errors"]}')
        bench.note(f'{rounds} kills, {len(letters)} letters out, {report["accepted"]} in')


@test
def a_hanging_resolver_makes_mail_wait_and_then_defer(bench):
    """SIGSTOP: unknown domains wait, then are deferred; mail comes in as ever; afterwards all is delivered."""
    with sending_box(bench, {'outbound.policy_timeout': '3s'}) as (box, world):
        pid = box.signal_resolver(signal.SIGSTOP)
        letters = send(bench, good_rows(world), 'hang')
        try:
            wait_for(lambda: all(fates.fate_of(box.outcomes(), one).result == 'deferred' for one in letters), 30, 'deferral of each')
            check(bench.load('--total', 5, '--connections', 1)['accepted'] == 5, 'mail comes in')
        finally:
            if alive(pid):
                box.signal_resolver(signal.SIGCONT)
        check_fates(world, letters, wait_fates(box, world, letters, 60))


@test
def what_is_known_is_delivered_without_a_resolver(bench):
    """The table of promises outlives the resolver: known domains get their mail while it hangs, under what they promised."""
    with sending_box(bench, {'resolver.least_ttl': '10m'}) as (box, world):
        first = send(bench, good_rows(world), 'before')
        check_fates(world, first, wait_fates(box, world, first, 40))
        box.signal_resolver(signal.SIGSTOP)
        try:
            letters = send(bench, good_rows(world), 'known')
            check_fates(world, letters, wait_fates(box, world, letters, 30))
        finally:
            box.signal_resolver(signal.SIGCONT)
