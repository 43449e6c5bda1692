"""Runs the image tests.

  python3 -m tests.image [--long] [--report FILE] [--list] [--as-is] [WORD...]     WORD: only tests whose name holds it
"""
import argparse
import json
import pathlib
import sys

from image.builder.shell import ImageError
from tests.image import faults, mail, power_cut, start, storage, update  # noqa: F401  (they enter their tests)
from tests.image.harness import LONG, TESTS, Bench, run_tests
from tools.lab.shell import LabError, Workplace, say


def main():
    parser = argparse.ArgumentParser(prog='tests.image', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('words', nargs='*')
    parser.add_argument('--long', action='store_true', help='every scenario, not only the quick ones')
    parser.add_argument('--report', type=pathlib.Path)
    parser.add_argument('--list', action='store_true')
    parser.add_argument('--as-is', action='store_true', help='the image that is there, not built again')
    options = parser.parse_args()
    tests = TESTS + LONG if options.long else TESTS
    if options.list:
        for function in TESTS + LONG:
            print(f'{function.__name__:60} {(function.__doc__ or "-").splitlines()[0]}')
        return 0
    with Workplace() as place:
        bench = Bench(place)
        bench.prepare(options.as_is)
        say(f'  image: {bench.accel}, root {bench.facts["root.img"]["bytes"] / 1e6:.1f} MB, '
            f'kernel and initramfs {bench.facts["postern.efi"]["bytes"] / 1e6:.1f} MB')
        place.defer(bench.drop_guests)
        passed, failed = run_tests(bench, tests, options.words)
    if options.report:
        options.report.parent.mkdir(parents=True, exist_ok=True)
        options.report.write_text(json.dumps({'passed': passed, 'failed': len(failed), 'names': failed}))
    say(f'  image: {passed} passed, {len(failed)} failed' + (f': {", ".join(failed)} (logs under image-evidence)' if failed else ''))
    return 0 if passed and not failed else 1


if __name__ == '__main__':
    try:
        sys.exit(main())
    except (LabError, ImageError) as fault:
        print(f'image: {fault}', file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
