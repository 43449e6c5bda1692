#!/usr/bin/env python3
"""postern-reporter as a process, with a name server and a web server of the test's own.

  reporter_process_test.py REPORTER DRIVER

What always holds: every test has a directory of its own, and what it started is gone afterwards, found by its process id.
"""
import email
import gzip
import http.server
import json
import os
import pathlib
import signal
import socket
import sqlite3
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

REPORTER, DRIVER = (os.path.abspath(path) for path in sys.argv[1:3])


def wait_for(what, why, seconds=30):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError('this did not come about: ' + why)


class NameServer(threading.Thread):
    """Answers from a table, unsigned; what is not in it has no data."""

    def __init__(self, texts, address):
        super().__init__(daemon=True)
        self.texts, self.address = texts, address
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]

    def run(self):
        while True:
            try:
                query, peer = self.socket.recvfrom(4096)
            except OSError:
                return
            labels, at = [], 12
            while query[at]:
                labels.append(query[at + 1:at + 1 + query[at]].decode())
                at += query[at] + 1
            name, (kind,) = '.'.join(labels).lower(), struct.unpack('!H', query[at + 1:at + 3])
            data = []
            if kind == 16:
                data = [bytes([len(t)]) + t.encode() for t in self.texts.get(name, [])]
            if kind == 1 and name.startswith('web.'):
                data = [socket.inet_aton(self.address)]
            answers = b''.join(b'\xc0\x0c' + struct.pack('!HHIH', kind, 1, 60, len(d)) + d for d in data)
            head = query[:2] + b'\x81\x80' + struct.pack('!HHHH', 1, len(data), 0, 0)
            self.socket.sendto(head + query[12:at + 5] + answers, peer)


class Web(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        self.server.posts.append((self.path, self.headers['Content-Type'], body))
        status = self.server.answers.pop(0) if self.server.answers else 200
        self.send_response(status)
        self.end_headers()

    def log_message(self, *ignored):
        pass


class Reporter(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix='postern-reporter-')
        self.path = pathlib.Path(self.directory.name)
        self.names = NameServer({}, '127.0.0.1')
        self.names.start()
        certificate = self.path / 'web.pem'
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', '-subj',
                        '/CN=wrong.example', '-keyout', self.path / 'key.pem', '-out', certificate], check=True, capture_output=True)
        self.web = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Web)
        self.web.posts, self.web.answers = [], []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, self.path / 'key.pem')
        self.web.socket = context.wrap_socket(self.web.socket, server_side=True)
        threading.Thread(target=self.web.serve_forever, daemon=True).start()
        self.driver = None

    def tearDown(self):
        if self.driver:
            reporter = int(self.say('pid'))
            self.driver.stdin.close()
            self.driver.wait(10)
            wait_for(lambda: not pathlib.Path(f'/proc/{reporter}').exists(), 'the reporter ends with control')
            self.driver.stdout.close()
        self.web.shutdown()
        self.web.server_close()
        self.names.socket.close()
        self.directory.cleanup()

    def start(self, **more):
        settings = {'host_name': 'gw.example.net', 'tlsrpt.database': f'{self.path}/db/tlsrpt.sqlite', 'tlsrpt.spread': '0s',
                    'tlsrpt.allow_private': 'true', 'resolver.forwarders': f'127.0.0.1:{self.names.port}',
                    'resolver.negative_anchors': 'example 2099-12-31', 'resolver.mta_sts': 'false', **more}
        with open(self.path / 'log', 'w') as log:
            self.driver = subprocess.Popen([DRIVER, REPORTER, f'{self.path}/sock', *(f'{k}={v}' for k, v in settings.items())],
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)

    def say(self, line):
        self.driver.stdin.write(line + '\n')
        self.driver.stdin.flush()
        return self.driver.stdout.readline().strip()

    def rows(self, sql):
        database = sqlite3.connect(f'file:{self.path}/db/tlsrpt.sqlite?mode=ro', uri=True)
        try:
            return database.execute(sql).fetchall()
        finally:
            database.close()

    def rua(self, domain, *uris):
        self.names.texts[f'_smtp._tls.{domain}'] = ['v=TLSRPTv1; rua=' + ','.join(uris)]

    def test_counts_survive_a_kill_at_any_moment(self):
        self.start(**{'tlsrpt.send': 'false'})
        for i in range(6):
            for _ in range(50):
                self.assertEqual('ok', self.say('session 0 a.example mx.a.example 0 0'))
            pid = int(self.say('pid'))  # a few turns: some of them are on their way
            os.kill(pid, signal.SIGKILL)
        self.assertEqual('ok', self.say('settled'), (self.path / 'log').read_text())
        self.assertEqual([(300,)], self.rows('SELECT successes FROM results WHERE host=0'))
        self.assertEqual([(300,)], self.rows('SELECT successes FROM results WHERE host=1'))

    def test_yesterdays_report_goes_out_by_https_and_by_mail(self):
        if time.time() % 86400 < 400:
            self.skipTest('the day has just begun: reports wait for its first minutes to pass')
        self.rua('a.example', f'https://web.a.example:{self.web.server_port}/in?x=1', 'mailto:r@a.example')
        self.web.answers = []
        # Told before the reporter plans: it starts when the first turn is made.
        self.start()
        self.say('session 1 a.example mx.a.example 5 0')
        self.say('session 1 a.example mx.a.example 0 0')
        self.assertEqual('ok', self.say('settled'))
        os.kill(int(self.say('pid')), signal.SIGKILL)  # the next life plans at once
        posts = wait_for(lambda: self.say('settled') and self.web.posts, 'the report is posted: ' + (self.path / 'log').read_text())
        path, kind, body = posts[0]
        self.assertEqual(('/in?x=1', 'application/tlsrpt+gzip'), (path, kind))
        report = json.loads(gzip.decompress(body))
        day = time.strftime('%Y-%m-%d', time.gmtime(time.time() - 86400))
        self.assertEqual({'start-datetime': f'{day}T00:00:00Z', 'end-datetime': f'{day}T23:59:59Z'}, report['date-range'])
        self.assertEqual([('sts', 2, 0), ('tlsa', 1, 1)],
                         [(p['policy']['policy-type'], p['summary']['total-successful-session-count'],
                           p['summary']['total-failure-session-count']) for p in report['policies']])
        self.assertEqual('validation-failure', report['policies'][1]['failure-details'][0]['result-type'])
        self.check_mail(wait_for(lambda: list((self.path / 'db/outbox').glob('*.mail')), 'the mail is in the outbox'), report)
        wait_for(lambda: self.rows("SELECT 1 FROM reports WHERE state=1 AND host=0"), 'the report is noted as sent')

    def check_mail(self, mails, report):
        self.assertEqual(1, len(mails))
        head, sender, recipient, message = mails[0].read_bytes().split(b'\n', 3)
        self.assertEqual((b'POSTERN-MAIL 1', b'tlsrpt@gw.example.net', b'r@a.example'), (head, sender, recipient))
        mail = email.message_from_bytes(message)
        self.assertEqual(('multipart/report', 'tlsrpt'), (mail.get_content_type(), mail.get_param('report-type')))
        self.assertEqual(('a.example', 'gw.example.net', 'No'),
                         (mail['TLS-Report-Domain'], mail['TLS-Report-Submitter'], mail['TLS-Required']))
        people, attached = mail.get_payload()
        self.assertEqual('text/plain', people.get_content_type())
        self.assertEqual('application/tlsrpt+gzip', attached.get_content_type())
        self.assertRegex(attached.get_filename(), r'^gw\.example\.net!a\.example!\d+!\d+!\w+\.json\.gz$')
        self.assertEqual(report, json.loads(gzip.decompress(attached.get_payload(decode=True))))

    def test_what_control_sends_when_it_is_gone_ends_the_reporter(self):
        self.start()
        pid = int(self.say('pid'))
        self.driver.kill()
        self.driver.wait()
        wait_for(lambda: not pathlib.Path(f'/proc/{pid}').exists(), 'the reporter ends')
        self.driver.stdin.close()
        self.driver.stdout.close()
        self.driver = None


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1], verbosity=0)
