"""The lab at work.

  python3 -m tools.lab run            send everything through the box, show the table, stay up until Ctrl-C
  python3 -m tools.lab run --once     the same, and end; status 0 only if every message arrived bit for bit
  python3 -m tools.lab run --peer     with Postfix in the box's place, to try the lab itself
  python3 -m tools.lab clean          remove namespaces of runs that were killed
"""
import argparse
import contextlib
import sys
import time

from tools.lab import gateway, messages, network, postfix, table, web
from tools.lab.internet import box as internet_box
from tools.lab.internet import fates, outgoing
from tools.lab.internet.world import World
from tools.lab.setting import Lab
from tools.lab.shell import LabError, Workplace, say


def start(place, options):
    say('lab: three namespaces (internet, gateway, office), certificates, a Postfix on both sides')
    lab = Lab(place)
    if options.capture:
        lab.network.capture('internet', 'eth0', options.capture)
    lab.start_peers()
    more = {}
    if not options.peer:
        say("lab: the internet: signed names, mail servers, policy hosts")
        lab.world = World(place, lab.network).start()
        more = internet_box.settings(lab.world, place.path('learned')) | internet_box.overrides(lab.world.rows)
    if options.peer:
        box = gateway.PostfixGateway(postfix.gateway(place, lab.network, lab.certificates['gateway-ec']))
    elif options.once:
        box = gateway.Gateway(place, lab.network, lab.certificates, more)
    else:
        box = with_web(place, lab, more)
    box.start()
    lab.box = box
    say('lab: the gateway answers on its port')
    return lab


def with_web(place, lab, more):
    """A box that people can look at: the web admin on its management address."""
    web.add_user(place, lab.network)
    box = gateway.Gateway(place, lab.network, lab.certificates, more | web.settings(place.path('admin')))
    box.pages = web.build_pages(place)
    if not box.pages:
        say('lab: without its pages the web admin has only its API (npm could not fetch what they need)')
    return box


def skipped(message, options):
    """What Postfix in the box's place does not offer."""
    return options.peer and (message.name in ('implicit', 'unknown') or message.what.endswith('not serve') or message.way == 'none')


def send_all(lab, options):
    """Sends every message and prints a line for each as it arrives; True where all was well."""
    todo = [m for m in messages.all_messages(lab.place.path('sent')) if not skipped(m, options)]
    say(f'lab: sending {len(todo)} messages through the gateway\n')
    say(table.header())
    waiting = []
    good = True
    for message in todo:
        waiting.append((message, lab.senders.send(message), time.monotonic() + 40))
        good &= print_arrived(lab, waiting, False)
    while waiting:
        time.sleep(0.1)
        good &= print_arrived(lab, waiting, True)
    return good


def print_arrived(lab, waiting, last):
    """Prints what has come to an end; with `last` also what never came."""
    delivered, outcomes = lab.mailbox.scan(), lab.box.outcomes()
    good = True
    for entry in list(waiting):
        message, sent, patience = entry
        here = all(delivered.get((message.name, r)) for r in message.recipients)
        logged = lab_has_word(lab, message, outcomes)
        done = (here and logged) or message.expect != 250 or sent.code != 250
        if done or (last and time.monotonic() > patience):
            text, fine, why = table.line(message, sent, outcomes, delivered)
            say(text + (f'\n      {why}' if why else ''))
            good &= fine
            waiting.remove(entry)
    return good


def send_out(lab, seconds=60):
    """The office's people write to every domain of the internet; what the box found, insisted on and did. True where all
    was as the domains' rows say."""
    letters = [outgoing.letter(placed) for placed in lab.world.rows if placed.row.name != 'attacker']
    say(f'\nlab: the office sends to {len(letters)} domains\n')
    say(fates.header())
    outgoing.submit(lab.network, letters)
    waiting, good, end = list(letters), True, time.monotonic() + seconds
    while waiting:
        time.sleep(0.2)
        outcomes, late = lab.box.outcomes(), time.monotonic() > end
        for one in list(waiting):
            fate = fates.fate_of(outcomes, one)
            if fates.settled(lab.world, one, fate) or late:
                text, fine = fates.line(lab.world, one, fate)
                say(text)
                good &= fine
                waiting.remove(one)
    return good


def lab_has_word(lab, message, outcomes):
    """The log is written a moment after the mail: wait for its last word, if there is a log."""
    if not isinstance(lab.box, gateway.Gateway):
        return True
    return bool(table.about(message, outcomes)[1])


def ways_in(lab, loopback):
    """How a person gets to the box: browser, first-boot code, command line."""
    admin = web.wait_ready(lab.box)
    code = lab.box.postern('admin', 'first-code', check=False).stdout.decode().strip()
    command = ' '.join(lab.network.inside('gateway', gateway.COMMAND, '--run-dir', lab.box.run_directory))
    say('\nlab: up; Ctrl-C ends it all.')
    say(f'  web admin        {loopback.url}')
    say(f'  its certificate  SHA-256 {admin["fingerprint"]}')
    say(f'  first-boot code  {code}')
    say(f'  command line     {command} status | queue | top | log')


def live(lab):
    """Until Ctrl-C: how to get in, and the box's own live view."""
    if isinstance(lab.box, gateway.Gateway):
        loopback = web.Loopback(lab.place, lab.network)
        ways_in(lab, loopback)
        with contextlib.suppress(EOFError):
            while sys.stdin.isatty() and sys.stdout.isatty():
                input('\nEnter shows the live view; q there leads back here. ')
                lab.box.popen('top').wait()
    while True:
        time.sleep(1)


def main():
    parser = argparse.ArgumentParser(prog='tools.lab', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('verb', choices=['run', 'clean'])
    parser.add_argument('--once', action='store_true')
    parser.add_argument('--peer', action='store_true')
    parser.add_argument('--keep', action='store_true', help="leave the run's directory for looking at")
    parser.add_argument('--capture', metavar='FILE', help='record the internet side with tcpdump')
    options = parser.parse_args()
    if options.verb == 'clean':
        network.sweep()
        return 0
    began = time.monotonic()
    with Workplace(options.keep) as place:
        lab = start(place, options)
        good = send_all(lab, options)
        if not options.peer:
            good &= send_out(lab)
        say(f'\nlab: {"everything went as it should" if good else "NOT everything went as it should"}'
            f' ({time.monotonic() - began:.0f} s)')
        if options.keep:
            say(f'lab: everything lies in {place.directory}')
        if not options.once:
            live(lab)
    return 0 if good else 1


if __name__ == '__main__':
    try:
        sys.exit(main())
    except LabError as fault:
        print(f'lab: {fault}', file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print('\nlab: everything is removed again')
        sys.exit(0)
