#!/usr/bin/env python3
"""postern-control and postern as processes, with a stand-in for the data plane.

  control_process_test.py CONTROL POSTERN FAKE-DATAPLANE

What always holds: every test has a directory of its own, and what it started is gone afterwards, found by its process id.
"""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

CONTROL, POSTERN, FAKE = (os.path.abspath(path) for path in sys.argv[1:4])
# The leak check wants to trace the process, which a confined one does not allow.
os.environ.setdefault('ASAN_OPTIONS', 'detect_leaks=0')
SETTINGS = 'host_name = "gw.example.net"\ndomains.served = ["example.net"]\noffice.servers = ["192.0.2.9:25"]\n'
OWN = ('log.messages', 'spool.directory', 'resolver.directory', 'tlsrpt.database')


def alive(pid):
    try:
        return pathlib.Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()[0] != 'Z'
    except OSError:
        return False


def wait_for(what, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = what()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError('this did not come about: ' + (what.__doc__ or what.__name__))


class Box(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix='postern-control-')
        self.path = pathlib.Path(self.directory.name)
        self.run_directory = self.path / 'run'
        self.log = self.path / 'log'
        self.settings = self.path / 'settings.toml'
        self.write(SETTINGS)
        self.process = None

    def tearDown(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        # Control first, or it would start another data plane; then whatever names this test's own directory.
        for entry in pathlib.Path('/proc').glob('[0-9]*'):
            try:
                if str(self.run_directory).encode() in (entry / 'cmdline').read_bytes() and int(entry.name) != os.getpid():
                    os.kill(int(entry.name), signal.SIGKILL)
            except OSError:
                pass
        self.directory.cleanup()

    def write(self, text):
        self.settings.write_text(text + ''.join(f'{name} = "{self.path}/{name}"\n' for name in OWN))

    def start(self, wait=True, **environment):
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen(
                [CONTROL, '--settings', self.settings, '--run-dir', self.run_directory, '--dataplane', FAKE, '--board', 'none'],
                stderr=log, stdout=log, env=os.environ | {k: str(v) for k, v in environment.items()})
        if wait:
            self.wait_generation()
        return self.process

    def postern(self, *words):
        return subprocess.run([POSTERN, '--run-dir', self.run_directory, *words], capture_output=True, text=True, timeout=30)

    def status(self):
        done = self.postern('status', '--json')
        return json.loads(done.stdout) if done.stdout else None

    def wait_generation(self, generation=None):
        def all_cores():
            """all cores at the generation"""
            status = self.status()
            plane = status and status['dataplane']
            right = plane and plane['all_at_generation'] and plane['state'] == 'attached' and plane['phase'] == 'running'
            return plane if right and generation in (None, plane['generation']) else None
        return wait_for(all_cores)

    def ends(self):
        return self.process.wait(timeout=40)

    def said(self, text):
        return text in self.log.read_text(errors='replace')


class Start(Box):
    def test_a_data_plane_is_started_and_gets_its_settings(self):
        self.start()
        status = self.status()
        self.assertEqual(status['dataplane']['shards'], 2)
        self.assertEqual(status['host_name'], 'gw.example.net')
        self.assertTrue(self.said('all 2 cores at generation 1'))

    def test_two_controls_cannot_run(self):
        self.start()
        second = subprocess.run([CONTROL, '--settings', self.settings, '--run-dir', self.run_directory, '--dataplane', FAKE],
                                capture_output=True, text=True)
        self.assertEqual(second.returncode, 1)
        self.assertIn(f'process {self.process.pid}', second.stderr)
        self.assertEqual(self.postern('status').returncode, 0)

    def test_wrong_settings_are_told_all_at_once_and_nothing_starts(self):
        self.write('smtp.recipients = 1\nhost_nam = "x"\ntcp.time_wait = 60\n')
        self.assertEqual(self.start(wait=False).wait(timeout=20), 2)
        for words in (':1: smtp.recipients is "1"', ':2: host_nam is not a setting: did you mean host_name?', ':3: tcp.time_wait'):
            self.assertTrue(self.said(words), words)
        self.assertFalse((self.run_directory / 'dataplane.sock').exists())

    def test_a_missing_settings_file_is_one_clear_line(self):
        self.settings.unlink()
        self.assertEqual(self.start(wait=False).wait(timeout=20), 2)
        self.assertTrue(self.said('settings.toml cannot be read: No such file or directory'))

    def test_a_data_plane_that_is_not_there_ends_control_with_one_line(self):
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen([CONTROL, '--settings', self.settings, '--run-dir', self.run_directory, '--dataplane', '/nowhere'],
                                            stderr=log)
        self.assertEqual(self.process.wait(20), 1)
        self.assertTrue(self.said('cannot be started: No such file or directory and never ran'))

    def test_control_is_confined_and_the_launcher_is_small(self):
        self.start()
        facts = pathlib.Path(f'/proc/{self.process.pid}/status').read_text()
        self.assertIn('Seccomp:\t2', facts)
        self.assertIn('NoNewPrivs:\t1', facts)
        self.assertIn('CapEff:\t0000000000000000', facts)


class Watch(Box):
    def test_a_data_plane_that_dies_is_started_again(self):
        self.start()
        first = self.status()['dataplane']['pid']
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: self.said('postern-dataplane was killed by signal 9 (Killed); starting it again in 1 s'))
        wait_for(lambda: self.wait_generation()['pid'] not in (0, first))

    def test_the_wait_doubles_while_it_keeps_dying(self):
        self.start(wait=False, FAKE_DIE=1)
        for seconds in (1, 2, 4):
            wait_for(lambda: self.said(f'(Segmentation fault); starting it again in {seconds} s'), 30)

    def test_control_that_comes_back_does_not_disturb_the_data_plane(self):
        self.start()
        before = self.wait_generation()
        self.process.kill()
        self.process.wait()
        self.assertTrue(alive(before['pid']))
        self.start()
        after = self.wait_generation()
        self.assertEqual((after['pid'], after['since'], after['generation']), (before['pid'], before['since'], before['generation']))
        self.assertTrue(self.said('the data plane has these settings already'))
        self.assertEqual(after['starts'], 0)

    def test_control_that_comes_back_with_other_settings_publishes_them(self):
        self.start()
        before = self.wait_generation()
        self.process.kill()
        self.process.wait()
        self.write(SETTINGS + 'smtp.recipients = 500\n')
        self.start()
        self.assertEqual(self.wait_generation(2)['pid'], before['pid'])

    def test_the_end_of_a_data_plane_from_before_is_seen(self):
        self.start()
        before = self.wait_generation()
        self.process.kill()
        self.process.wait()
        self.start()
        os.kill(before['pid'], signal.SIGKILL)
        wait_for(lambda: self.said('started by an earlier control'))
        wait_for(lambda: self.wait_generation()['pid'] not in (0, before['pid']))
        self.assertEqual(self.status()['dataplane']['starts'], 1)


class Settings(Box):
    def test_hangup_publishes_a_new_generation(self):
        self.start()
        self.write(SETTINGS + 'smtp.recipients = 500\n')
        self.process.send_signal(signal.SIGHUP)
        self.wait_generation(2)
        wait_for(lambda: self.said('all 2 cores at generation 2'))

    def test_reload_with_wrong_settings_leaves_those_before_in_force(self):
        self.start()
        self.write(SETTINGS + 'smtp.recipients = 5\n')
        done = self.postern('reload')
        self.assertEqual(done.returncode, 1)
        self.assertIn('smtp.recipients is "5": it has to be', done.stderr)
        self.assertEqual(self.wait_generation()['generation'], 1)

    def test_reload_without_a_change_publishes_nothing(self):
        self.start()
        self.assertEqual(self.postern('reload').returncode, 0)
        self.assertEqual(self.wait_generation()['published_generation'], 1)

    def test_a_refusal_is_told_with_its_reason(self):
        self.start(FAKE_REFUSE=1)
        self.write(SETTINGS + 'smtp.recipients = 500\n')
        self.assertEqual(self.postern('reload').returncode, 0)
        wait_for(lambda: self.status()['dataplane']['refused'] == 'this fake refuses')
        self.assertIn('this fake refuses', self.postern('status').stdout)

    def test_what_waits_for_a_restart_is_named(self):
        self.start()
        self.write(SETTINGS + 'tcp.time_wait = "30s"\n')
        done = self.postern('reload')
        self.assertIn("tcp.time_wait takes effect with 'postern restart'", done.stderr)
        before = self.status()['dataplane']['pid']
        self.assertEqual(self.postern('restart').returncode, 0)
        wait_for(lambda: self.wait_generation()['pid'] not in (0, before))
        self.assertFalse(alive(before))
        self.assertNotIn('restart', ' '.join(self.status()['warnings']))


class End(Box):
    def test_both_end_in_order(self):
        self.start()
        pid = self.status()['dataplane']['pid']
        self.process.terminate()
        self.assertEqual(self.ends(), 0)
        self.assertFalse(alive(pid))
        self.assertTrue(self.said('postern-dataplane ended with status 0'))

    def test_one_from_before_ends_in_order_too(self):
        self.start()
        pid = self.status()['dataplane']['pid']
        self.process.kill()
        self.process.wait()
        self.start()
        self.process.terminate()
        self.assertEqual(self.ends(), 0)
        self.assertFalse(alive(pid))

    def test_a_deaf_one_hears_the_signal(self):
        self.start(FAKE_DEAF=1)
        pid = self.status()['dataplane']['pid']
        self.process.terminate()
        self.assertEqual(self.ends(), 0)
        self.assertFalse(alive(pid))

    def test_control_can_leave_and_the_data_plane_stays(self):
        self.start()
        pid = self.status()['dataplane']['pid']
        self.process.send_signal(signal.SIGUSR2)
        self.assertEqual(self.ends(), 0)
        self.assertTrue(alive(pid))


class People(Box):
    def test_without_control_they_hear_what_to_do(self):
        for command in ('status', 'top', 'log', 'counters', 'reload', 'restart'):
            done = self.postern(command)
            self.assertEqual(done.returncode, 3, command)
            self.assertIn('postern-control is not running', done.stderr)
            self.assertIn('Start it with: postern-control', done.stderr)

    def test_every_command_has_help(self):
        overview = self.postern().stdout
        for command in ('status', 'top', 'log', 'queue', 'counters', 'settings', 'reload', 'restart', 'version'):
            self.assertIn(f'\n  {command} ', overview)
            done = self.postern(command, '--help')
            self.assertEqual(done.returncode, 0)
            self.assertTrue(done.stdout.startswith(f'usage: postern {command}'), command)

    def test_wrong_words_are_named(self):
        for words, answer in ((['stat'], "there is no command 'stat'"), (['log', '-x'], "unknown option '-x'"),
                              (['log', '-n'], '-n needs a value'), (['log', '-n', 'many'], 'whole number'),
                              (['settings', 'smtp.recipient_'], 'did you mean smtp.recipients')):
            done = self.postern(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(answer, done.stderr)

    def test_messages_reach_the_log_the_file_and_the_counters(self):
        self.start(FAKE_RATE=200)
        wait_for(lambda: self.status()['outcomes_seen'] > 100)
        shown = self.postern('log', '-n', '5').stdout.splitlines()
        self.assertEqual(len(shown), 6)
        self.assertTrue(shown[0].startswith('TIME'))
        self.assertIn('@internet.example', (self.path / 'log.messages').read_text().splitlines()[100])
        self.assertIn('messages durable and answered with 250', self.postern('counters', 'shard').stdout)
        self.assertGreater(self.status()['figures']['accepted'], 100)
        rates = json.loads(self.postern('top', '--json').stdout)
        self.assertGreater(rates['per_second']['accepted'], 50)
        self.assertEqual(len(rates['busy']), 2)

    def test_following_the_log_shows_each_message_once(self):
        self.start(FAKE_RATE=100)
        follow = subprocess.Popen([POSTERN, '--run-dir', self.run_directory, 'log', '-f', '-n', '1', '--json'], stdout=subprocess.PIPE, text=True)
        numbers = [json.loads(follow.stdout.readline())['number'] for _ in range(100)]
        follow.terminate()
        follow.wait()
        follow.stdout.close()
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 100)))

    def test_no_colour_and_no_escape_into_a_pipe(self):
        self.start(FAKE_RATE=50)
        for command in (['status'], ['log'], ['top'], ['counters'], ['settings'], []):
            self.assertNotIn('\x1b', self.postern(*command).stdout)

    def test_a_settings_file_can_be_checked_without_control(self):
        done = self.postern('settings', 'check', str(self.settings))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.write('smtp.recipients = "5"\n[interface.wan]\naddress = "192.0.2.1/24"\n')
        done = self.postern('settings', 'check', str(self.settings))
        self.assertEqual(done.returncode, 1)
        self.assertIn('settings.toml:1: smtp.recipients is of the wrong kind', done.stdout)
        self.assertIn('settings.toml:3: interface.wan.address is not a setting: did you mean interface.wan.addresses?', done.stdout)

    def test_an_empty_or_absent_queue_is_told_plainly(self):
        (self.path / 'spool').mkdir()
        self.assertEqual(self.postern('queue', '--spool', str(self.path / 'spool')).stdout, 'The queue is empty.\n')
        done = self.postern('queue', '--spool', '/nowhere')
        self.assertEqual(done.returncode, 1)
        self.assertIn('/nowhere', done.stderr)

    def test_hurry_reaches_the_data_plane(self):
        self.start()
        self.assertEqual(self.postern('queue', 'hurry').returncode, 0)
        wait_for(lambda: self.said('hurrying'))

    def test_the_door_survives_nonsense(self):
        self.start()
        for nonsense in (b'\n', b'[]\n', b'{"command": 7}\n', b'{"command": "outcomes", "after": "x"}\n', b'\xff' * 70000, b'{'):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as door:
                door.connect(str(self.run_directory / 'control.sock'))
                try:
                    door.sendall(nonsense)
                except OSError:
                    pass
        self.assertEqual(self.postern('status').returncode, 0)


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0]] + sys.argv[4:])
