#!/usr/bin/env python3
"""The web administration as a process: what it tells, what it refuses, what it survives.

  admin_process_test.py CONTROL POSTERN FAKE-DATAPLANE ADMIN OPENAPI
"""
import json
import os
import pathlib
import signal
import socket
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from admin_box import DOCUMENT, PASSWORD, Box, wait_for  # noqa: E402
from admin_client import Api, totp  # noqa: E402
from admin_fuzz import Fuzzer  # noqa: E402


class Pages(Box):
    def test_every_answer_keeps_a_browser_strict(self):
        for path in ('/', '/queue', '/api/v1/session', '/api/v1/nothing', '/assets/none.js'):
            answer = self.owner.send('GET', path)
            self.assertIn("default-src 'none'", answer.headers['Content-Security-Policy'])
            self.assertIn('max-age', answer.headers['Strict-Transport-Security'])
            self.assertEqual(answer.headers['X-Content-Type-Options'], 'nosniff')
            self.assertEqual(answer.headers['Referrer-Policy'], 'no-referrer')

    def test_pages_are_kept_by_their_hash(self):
        page = self.owner.send('GET', '/some/page')
        self.assertEqual((page.status, page.headers['Cache-Control']), (200, 'no-cache'))
        again = self.owner.send('GET', '/', headers={'If-None-Match': page.headers['ETag']})
        self.assertEqual((again.status, again.body), (304, b''))
        script = self.owner.send('GET', '/assets/app.0123456789ab.js')
        self.assertIn('immutable', script.headers['Cache-Control'])
        packed = self.owner.send('GET', '/', headers={'Accept-Encoding': 'gzip'})
        self.assertEqual(packed.headers['Content-Encoding'], 'gzip')
        self.assertEqual(self.owner.send('POST', '/', {}).status, 405)

    def test_the_document_is_the_one_in_the_tree(self):
        self.assertEqual(Api(self.address).get('/openapi.json').json, json.loads(pathlib.Path(DOCUMENT).read_text()))

    def test_slow_and_greedy_peers_are_cut_off_and_hurt_nobody(self):
        host, port = self.address.split(':')
        silent = [socket.create_connection((host, int(port)), 60) for _ in range(20)]
        slow = self.owner.connect()
        slow.sock.sendall(b'GET /api/v1/session HTTP/1.1\r\nHost: x\r\n')
        self.assertEqual(self.owner.get('/session').status, 200)
        answer = self.owner.send('GET', '/', headers={'X-Long': 'a' * 20000})
        self.assertEqual(answer.status, 413)
        end = time.monotonic() + 120
        slow.sock.settimeout(1)
        while time.monotonic() < end:
            try:
                slow.sock.sendall(b'X: y\r\n')
                if slow.sock.recv(100) == b'':
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.assertLess(time.monotonic(), end, 'a request that never ends was not cut off')
        for one in silent:
            one.settimeout(120)
            self.assertEqual(one.recv(1), b'')
            one.close()


class People(Box):
    def test_nothing_is_told_to_strangers(self):
        stranger = Api(self.address)
        for path in ('/users', '/settings/values/running', '/queue', '/dashboard', '/events', '/audit', '/log', '/jobs'):
            self.assertEqual(stranger.get(path).status, 401, path)
        self.assertEqual(stranger.send('GET', '/metrics').status, 401)

    def test_an_unsafe_request_needs_origin_and_token(self):
        self.assertEqual(self.owner.post('/settings/check', headers={'Origin': 'https://evil.example'}).json['type'], 'origin')
        self.assertEqual(self.owner.post('/settings/check', headers={'Origin': None}).json['type'], 'origin')
        self.assertEqual(self.owner.post('/settings/check', headers={'X-Postern-Token': 'x'}).json['type'], 'token')
        self.assertEqual(self.owner.post('/settings/check').status, 200)

    def test_a_new_person_changes_the_password_and_enrols(self):
        made = self.owner.post('/users', {'name': 'bert', 'role': 'auditor'})
        self.assertEqual(made.status, 200, made)
        bert = Api(self.address)
        begun = bert.post('/session/login', {'user': 'bert', 'password': made.json['password']})
        self.assertEqual(begun.json['state'], 'enrol')
        self.assertEqual(bert.get('/users').status, 403)
        device = bert.post('/me/totp', {'label': 'phone'}).json
        self.assertGreater(device['qr']['size'], 20)
        wrong = bert.post(f'/me/totp/{device["id"]}/confirm', {'code': '000000'})
        self.assertEqual(wrong.json['faults'][0]['field'], 'code')
        done = bert.post(f'/me/totp/{device["id"]}/confirm', {'code': totp(device['secret'])})
        self.assertEqual(len(done.json['recovery_codes']), 10)
        self.assertEqual(bert.get('/session').json['state'], 'full')
        self.assertEqual(bert.get('/users').json['type'], 'must_change_password')
        self.assertEqual(bert.post('/session/password', {'old': made.json['password'], 'new': 'another password'}).status, 200)
        self.assertEqual(bert.get('/users').status, 200)
        # An auditor reads and changes nothing.
        self.assertEqual(bert.put('/settings/candidate/host_name', {'value': 'x.example'}).json['type'], 'forbidden')
        again = Api(self.address)
        again.post('/session/login', {'user': 'bert', 'password': 'another password'})
        self.assertEqual(again.get('/users').status, 403)
        full = again.post('/session/second-factor', {'recovery_code': done.json['recovery_codes'][0].upper()})
        self.assertEqual(full.json['state'], 'full')
        self.assertEqual(Api(self.address).post('/session/second-factor', {'code': '123456'}).status, 401)
        self.assertEqual(self.owner.post('/users/bert/reset', {'second_factor': True}).status, 200)
        self.assertEqual(again.get('/users').status, 401)
        self.assertEqual(self.owner.delete('/users/bert').status, 200)

    def test_the_last_owner_stays(self):
        self.assertEqual(self.owner.delete('/users/anna').json['type'], 'failed')
        self.assertEqual(self.owner.send('PATCH', '/api/v1/users/anna', {'role': 'auditor'}).status, 409)

    def test_a_token_does_what_its_scope_says(self):
        made = self.owner.post('/tokens', {'label': 'monitor', 'scope': ['metrics', 'read'], 'days': 1}).json
        program = Api(self.address, token=made['token'])
        wait_for(lambda: b'postern_up 1' in program.send('GET', '/metrics').body)
        self.assertEqual(program.get('/system').status, 200)
        self.assertEqual(program.get('/messages').json['type'], 'forbidden')
        self.assertEqual(program.post('/settings/check').json['type'], 'forbidden')
        self.assertEqual(self.owner.delete(f'/tokens/{made["id"]}').status, 200)
        self.assertEqual(program.get('/system').status, 401)

    def test_guessing_is_held_back_for_a_while(self):
        guesser = Api(self.address)
        # The wait grows with each try: however slow the machine, one of these comes too early.
        seen = [guesser.post('/session/login', {'user': 'nobody', 'password': str(i)}).status for i in range(12)]
        self.assertEqual(seen[0], 401)
        self.assertIn(429, seen)
        self.assertLessEqual(set(seen), {401, 429})

    def test_sessions_are_listed_and_revoked(self):
        mine = [one for one in self.owner.get('/sessions').json['sessions'] if one['current']]
        self.assertEqual(len(mine), 1)
        self.assertEqual(self.owner.delete('/sessions/none').status, 404)


class Settings(Box):
    def test_first_boot_goes_on_to_a_working_domain(self):
        wanted = {'host_name': 'mx.example.org', 'domains': ['example.org', 'example.net'], 'office_servers': ['192.0.2.9:25'],
                  'recipients': 'any'}
        tried = self.owner.post('/setup/box', wanted | {'dry_run': True})
        self.assertEqual((tried.status, tried.json['committed']), (200, False), tried)
        done = self.owner.post('/setup/box', wanted)
        self.assertEqual((done.status, done.json.get('committed')), (200, True), done)
        wait_for(lambda: self.owner.get('/settings/values/running').json['values'].get('host_name') == 'mx.example.org')
        # The other face sees it too, and who it was.
        self.assertEqual(json.loads(self.postern('status', '--json').stdout)['host_name'], 'mx.example.org')
        newest = self.owner.get('/settings/history').json['generations'][0]
        self.assertEqual((newest['author'], newest['source']), ('anna', 'web'))
        # A change of the name starts the administration anew; logins outlive it.
        wait_for(lambda: self.answers())

    def answers(self):
        try:
            return self.owner.get('/session').json.get('state') == 'full'
        except OSError:
            return False

    def test_faults_stand_beside_their_settings(self):
        answer = self.owner.put('/settings/candidate/smtp.recipients', {'value': '7'})
        checked = self.owner.post('/settings/check').json
        named = [fault['field'] for fault in checked['faults']] + [fault['field'] for fault in answer.json.get('faults', [])]
        self.assertIn('smtp.recipients', named)
        self.assertEqual(self.owner.post('/settings/discard').status, 200)
        unknown = self.owner.put('/settings/candidate/no.such.setting', {'value': '7'})
        self.assertIn(unknown.status, (200, 400, 409), unknown)
        self.owner.post('/settings/discard')

    def test_bad_fields_each_get_a_message(self):
        answer = self.owner.post('/setup/box', {'host_name': 'not a name', 'domains': [], 'office_servers': ['a b'], 'other': 1})
        self.assertEqual(answer.status, 400)
        self.assertEqual({fault['field'] for fault in answer.json['faults']}, {'host_name', 'domains', 'office_servers.0', 'other'})

    def test_every_change_is_in_the_chain(self):
        self.owner.put('/settings/candidate/log.level', {'value': 'info'})
        self.owner.post('/settings/discard')
        lines = self.owner.get('/audit?user=anna').json['lines']
        self.assertTrue(any(line['action'] == 'setSetting' and 'log.level' in line['subject'] for line in lines))
        self.assertTrue(self.owner.get('/audit/verify').json['good'])
        self.assertNotIn(PASSWORD, (self.path / 'admin.directory/audit.jsonl').read_text())
        self.assertIn('good', self.postern('admin', 'verify-audit').stdout)

    def test_events_tell_figures(self):
        connection = self.owner.connect()
        connection.request('GET', '/api/v1/events?only=figures,hello', headers=self.owner.headers('GET'))
        response = connection.getresponse()
        self.assertEqual(response.headers['Content-Type'], 'text/event-stream')
        seen = b''
        end = time.monotonic() + 60
        while seen.count(b'event: figures') < 2 and time.monotonic() < end:
            seen += response.fp.readline()
        connection.close()
        self.assertGreaterEqual(seen.count(b'event: figures'), 2)
        self.assertGreater(len(wait_for(lambda: self.owner.get('/history?span=5m').json['series'])), 3)

    def test_first_boot_with_what_is_in_force_already_succeeds(self):
        running = self.owner.get('/settings/values/running').json
        same = {'host_name': running['values']['host_name'], 'domains': running['values']['domains.served'].split('\n'),
                'office_servers': running['values']['office.servers'].split('\n')}
        done = self.owner.post('/setup/box', same)
        self.assertEqual((done.status, done.json.get('committed'), done.json.get('generation')), (200, True, running['generation']), done)

    def test_reports_of_others_are_listed_and_shown(self):
        before = self.owner.get('/reports/tls')
        self.assertEqual((before.status, before.json['reports']), (200, []), before)
        self.assertEqual(self.owner.get('/reports/tls/sent').json['reports'], [])
        self.assertEqual(self.owner.get('/reports/tls/1').status, 409)
        report = {'organization-name': 'Company-X', 'contact-info': 'sts@company-x.example', 'report-id': '5065427c@company-x',
                  'date-range': {'start-datetime': '2026-11-21T00:00:00Z', 'end-datetime': '2026-11-21T23:59:59Z'},
                  'policies': [{'policy': {'policy-type': 'sts', 'policy-domain': 'example.net', 'policy-string': [], 'mx-host': []},
                                'summary': {'total-successful-session-count': 5326, 'total-failure-session-count': 3}}]}
        (self.path / 'report.json').write_text(json.dumps(report))
        taken = self.postern('reports', 'import', self.path / 'report.json')
        self.assertEqual(taken.returncode, 0, taken.stderr)
        listed = self.owner.get('/reports/tls?domain=example.net').json['reports']
        self.assertEqual([(one['organization'], one['successes'], one['failures']) for one in listed], [('Company-X', 5326, 3)])
        shown = self.owner.get(f'/reports/tls/{listed[0]["number"]}')
        self.assertEqual(shown.json['policies'][0]['domain'], 'example.net')

    def test_what_is_not_there_says_so(self):
        answer = self.owner.get('/reports/dmarc')
        self.assertEqual((answer.status, answer.json['type']), (503, 'not_available'))

    def test_a_check_is_a_job_that_ends(self):
        begun = self.owner.post('/policies/check', {'domain': 'example.com'})
        self.assertEqual(begun.status, 202, begun)
        job = begun.json['id']
        wait_for(lambda: self.owner.get(f'/jobs/{job}').json['state'] in ('done', 'failed'), 120)
        self.assertEqual(self.owner.delete('/jobs/none').status, 404)

    def test_a_support_bundle_names_nobody(self):
        bundle = self.owner.get('/system/support-bundle')
        self.assertEqual(bundle.status, 200)
        self.assertNotIn(b'argon2id', bundle.body)


class Root(Box):
    def test_a_password_is_reset_from_the_console(self):
        done = self.postern('admin', 'reset-password', 'anna', '--second-factor')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.owner.get('/users').status, 401)
        anna = Api(self.address)
        again = anna.post('/session/login', {'user': 'anna', 'password': done.stdout.strip()})
        self.assertEqual((again.status, again.json['state'], again.json['must_change_password']), (200, 'enrol', True))
        self.assertNotEqual(self.postern('admin', 'first-code').returncode, 0)
        self.assertIn('reset', self.postern('admin', 'reset-password').stderr)
        self.assertTrue(any('resetPassword' in line for line in (self.path / 'admin.directory/audit.jsonl').read_text().splitlines()))

    def test_a_killed_administration_comes_back(self):
        pid = self.admin_pid()
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: self.admin_pid() not in (0, pid) and self.answering())
        self.assertEqual(Api(self.address).get('/session').status, 200)


class Fuzz(Box):
    def test_no_request_that_the_document_allows_or_not_breaks_anything(self):
        fuzzer = Fuzzer(json.loads(pathlib.Path(DOCUMENT).read_text()), seed=20261122)
        pid = self.admin_pid()
        found = fuzzer.run(self.owner, rounds=3)
        self.assertEqual(found, [])
        self.assertEqual(self.admin_pid(), pid)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1] + sys.argv[6:], verbosity=1)
