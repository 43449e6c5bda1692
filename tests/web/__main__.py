"""The pages of the web admin in a real browser, against a real box in the lab.

  python3 -m tests.web [--report FILE] [--pictures] [WORD...]   WORD: only tests whose name holds it (the first boot always runs)

Pictures of every page are left under $BUILD/web-evidence; `--pictures` also renews the three that the README shows.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

from tests.web.box import WebBox
from tools.lab import gateway, web
from tools.lab.shell import LabError, Workplace, say

ROOT = gateway.ROOT
BROWSER = ROOT / 'tests/web/browser/main.mjs'
SHOWN = ROOT / 'firmware/control/admin/web/screenshots'
PATIENCE = 600


def run(place, options):
    pages = web.build_pages(place)
    if not pages:
        say('  web: SKIPPED, nothing was tested: without npm packages there are no pages and no Playwright')
        return {'passed': 0, 'failed': []}
    box = WebBox(place, pages)
    box.send_mail()
    output, report = gateway.BUILD / 'web-evidence', place.directory / 'web-report.json'
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    facts = box.facts(output, report) | {'pictures': str(SHOWN) if options.pictures else ''}
    environment = os.environ | {'WEB_MODULES': str(gateway.BUILD / 'web/work/web'), 'WEB_FACTS': json.dumps(facts), 'HOME': str(place.path('home'))}
    words = ['first boot', *options.words] if options.words else []
    browser = place.start(*box.lab.network.inside('internet', 'node', BROWSER, *words), log=place.directory / 'browser.log', env=environment)
    try:
        browser.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        say(f'  the browser did not come to an end within {PATIENCE} s')
    say((place.directory / 'browser.log').read_text(errors='replace').rstrip())
    for log in (box.box.log, place.directory / 'browser.log'):
        shutil.copy(log, output)
    if not report.exists():
        return {'passed': 0, 'failed': ['the browser ended without a report']}
    return json.loads(report.read_text())


def main():
    parser = argparse.ArgumentParser(prog='tests.web', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('words', nargs='*')
    parser.add_argument('--report', type=pathlib.Path)
    parser.add_argument('--pictures', action='store_true')
    options = parser.parse_args()
    with Workplace() as place:
        counts = run(place, options)
    if options.report:
        options.report.parent.mkdir(parents=True, exist_ok=True)
        options.report.write_text(json.dumps({'passed': counts['passed'], 'failed': len(counts['failed']), 'names': counts['failed']}))
    say(f'  web: {counts["passed"]} passed, {len(counts["failed"])} failed' + (f': {", ".join(counts["failed"])}' if counts['failed'] else ''))
    return 0 if counts['passed'] and not counts['failed'] else 1


if __name__ == '__main__':
    try:
        sys.exit(main())
    except LabError as fault:
        print(f'web: {fault}', file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
