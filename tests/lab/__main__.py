"""Runs the end-to-end tests.

  python3 -m tests.lab [--long] [--report FILE] [--list] [WORD...]     WORD: only tests whose name holds it
"""
import argparse
import json
import pathlib
import sys

from tests.lab import attacker, client_certificates, console, crash, hostile, internet, mail, outgoing, queue_verbs, reports_in, resolver, start, tcp_hostile, tcp_linux, tcp_lwip, tcp_paths, web_admin  # noqa: F401  (they enter their tests)
from tests.lab.harness import TESTS, Bench, run_tests
from tools.lab.setting import Lab
from tools.lab.shell import LabError, Workplace, say


def main():
    parser = argparse.ArgumentParser(prog='tests.lab', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('words', nargs='*')
    parser.add_argument('--long', action='store_true', help='many more rounds')
    parser.add_argument('--report', type=pathlib.Path)
    parser.add_argument('--list', action='store_true')
    options = parser.parse_args()
    if options.list:
        for function in TESTS:
            print(f'{function.__name__:58} {(function.__doc__ or "-").splitlines()[0]}')
        return 0
    with Workplace() as place:
        # The tests of TCP alone have a wire of their own and need no mail servers.
        wanted = [f.__name__ for f in TESTS if not options.words or any(word in f.__name__ for word in options.words)]
        lab = Lab(place).start_peers() if any(not name.startswith('tcp_') for name in wanted) else None
        passed, failed, again = run_tests(Bench(lab, place, options.long), options.words)
    if options.report:
        options.report.parent.mkdir(parents=True, exist_ok=True)
        options.report.write_text(json.dumps({'passed': passed, 'failed': len(failed), 'names': failed}))
    for line in again:
        say(f'  passed at the second try only: {line}')
    say(f'  lab: {passed} passed, {len(failed)} failed' + (f': {", ".join(failed)} (logs under lab-evidence)' if failed else ''))
    return 0 if passed and not failed else 1


if __name__ == '__main__':
    try:
        sys.exit(main())
    except LabError as fault:
        print(f'lab: {fault}', file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
