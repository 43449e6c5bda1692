"""Reports about TLS that others send us by mail: kept, shown by `postern reports`, never lost. RFC 8460 §5.3."""
import base64
import gzip
import json

from tests.lab.harness import check, test
from tools.lab.network import WAN4
from tools.lab.shell import wait_for

ADDRESS = 'tlsrpt@example.org'
SETTINGS = {'tlsrpt.receive': ADDRESS}
HEADS = 'From: reports@far.example\nTo: tlsrpt@example.org\nSubject: Report Domain: example.org\nTLS-Report-Domain: example.org\n' \
        'TLS-Report-Submitter: far.example\nMIME-Version: 1.0\n'


def report(name, failures=3):
    return {'organization-name': 'Far Example', 'contact-info': 'tls@far.example', 'report-id': name,
            'date-range': {'start-datetime': '2026-11-21T00:00:00Z', 'end-datetime': '2026-11-21T23:59:59Z'},
            'policies': [{'policy': {'policy-type': 'sts', 'policy-domain': 'example.org', 'mx-host': ['mx.example.org']},
                          'summary': {'total-successful-session-count': 40, 'total-failure-session-count': failures},
                          'failure-details': [{'result-type': 'certificate-expired', 'failed-session-count': failures}]}]}


def letter(name):
    """As RFC 8460 §5.3 wants it: multipart/report, the report as its second part."""
    packed = base64.encodebytes(gzip.compress(json.dumps(report(name)).encode())).decode()
    return (HEADS + 'Content-Type: multipart/report; report-type="tlsrpt"; boundary="b1"\n\n--b1\nContent-Type: text/plain\n\n'
            'A report.\n--b1\nContent-Type: application/tlsrpt+gzip\nContent-Transfer-Encoding: base64\n'
            'Content-Disposition: attachment; filename="far.example!example.org!1!2.json.gz"\n\n' + packed + '--b1--\n')


def swaks(bench, *words, to=ADDRESS):
    done = bench.network.run('internet', 'swaks', '--server', WAN4, '--tls', '--from', 'reports@far.example', '--to', to, '--helo',
                             'mx.far.example', '--timeout', '30s', *words, check=False, timeout=60)
    return done.stdout.decode(errors='replace')


def send_letter(bench, name):
    path = bench.place.path('reports-in') / f'{name}.eml'
    path.write_text(letter(name))
    text = swaks(bench, '--data', f'@{path}')
    check('250 2.6.0 queued as' in text, f'{name}: {text[-400:]}')


def known(box):
    """The reports the box shows, by id; none while control is away."""
    done = box.postern('reports', '--json', check=False)
    if done.returncode != 0 or not done.stdout.strip():
        return {}
    return {one['report_id']: one for one in json.loads(done.stdout)}


@test
def a_report_by_mail_is_shown_and_goes_no_further(bench):
    """swaks from the internet: multipart/report, and an attachment of type application/tlsrpt+gzip."""
    with bench.box(SETTINGS) as box:
        send_letter(bench, 'by-mail-1')
        attached = bench.place.path('reports-in') / 'two.json.gz'
        attached.write_bytes(gzip.compress(json.dumps(report('by-mail-2', 0)).encode()))
        text = swaks(bench, '--attach-type', 'application/tlsrpt+gzip', '--attach', f'@{attached}')
        check('250 2.6.0 queued as' in text, f'attachment: {text[-400:]}')
        found = wait_for(lambda: len(k := known(box)) == 2 and k, 60, 'both reports')
        check((found['by-mail-1']['successes'], found['by-mail-1']['failures']) == (40, 3), f'{found}')
        check('Far Example' in box.postern('reports').stdout.decode(), 'and the table names the sender')
        wait_for(lambda: box.counters()['shard.tls_reports_taken'] == 2, 30, 'both counted')
        wait_for(lambda: sum(o['result'] == 'delivered' for o in box.outcomes()) == 2, 30, 'both settled in the message log')
        wait_for(lambda: box.postern_json('queue') == [], 30, 'an empty queue')


@test
def what_is_no_report_is_refused_at_the_address_of_reports(bench):
    """In the session, so that it is neither lost nor bounced to somebody who never wrote it."""
    with bench.box(SETTINGS) as box:
        check('550 5.7.1 this address takes TLS reports' in swaks(bench, '--body', 'buy something'), 'a letter')
        check(box.counters()['smtp.refused_no_tls_report'] == 1, 'counted')
        check(not known(box), 'nothing was kept')
