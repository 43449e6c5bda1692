#!/usr/bin/env python3
"""The store of settings in a running postern-control: what survives a kill, what reaches the cores, what `postern` says.

  settings_process_test.py CONTROL POSTERN FAKE-DATAPLANE
"""
import json
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import control_process_test as process  # noqa: E402  (reads the same command line)

SETTINGS, wait_for = process.SETTINGS, process.wait_for


class Store(process.Box):
    def say(self, *words, text=None, good=True):
        done = subprocess.run([process.POSTERN, '--run-dir', self.run_directory, 'settings', *words], capture_output=True, text=True,
                              timeout=60, input=text)
        if good:
            self.assertEqual(done.returncode, 0, f'{words}: {done.stdout}{done.stderr}')
        return done

    def state(self):
        return json.loads(self.say('state', '--json').stdout)

    def value(self, name, of='running'):
        return json.loads(self.say('show', of, '--json').stdout)['values'].get(name)

    def wait_cores(self, generation):
        def everywhere():
            """every core at the generation"""
            state = self.state()
            return state if state['running'] == generation and state['applied']['cores'] == [generation] * 2 else None
        return wait_for(everywhere, 60)

    def kill(self):
        self.process.kill()
        self.process.wait()


class Generations(Store):
    def test_a_commit_reaches_every_core_without_a_break(self):
        self.start()
        before = self.wait_cores(1) and self.status()['dataplane']['pid']
        self.say('set', 'smtp.recipients', '500')
        self.assertIn('+ smtp.recipients = 500', self.say('compare').stdout)
        self.say('commit', '-m', 'more recipients')
        self.wait_cores(2)
        self.assertEqual(self.status()['dataplane']['pid'], before)
        self.assertIn('generation 2 is in force, on 2 of 2 cores', self.say('state').stdout)
        self.assertIn('more recipients', self.say('history').stdout)

    def test_a_kill_within_the_window_takes_an_unconfirmed_commit_back(self):
        self.start()
        self.say('set', 'smtp.recipients', '500')
        self.say('commit', 'confirmed', '60')
        self.wait_cores(2)
        self.assertEqual(self.state()['confirm']['back_to'], 1)
        self.kill()
        self.start()
        state = self.wait_cores(3)
        self.assertIsNone(self.value('smtp.recipients'))
        self.assertIsNone(state['confirm'])
        self.assertIn('back to generation 1', state['announcements'][0]['text'])
        self.assertIn('back to generation 1', self.postern('status').stdout)
        self.assertTrue(self.said('was not confirmed before'))

    def test_a_confirmed_commit_survives_a_kill(self):
        self.start()
        self.say('set', 'smtp.recipients', '500')
        self.say('commit', 'confirmed')
        self.say('confirm')
        self.kill()
        self.start()
        self.assertEqual(self.value('smtp.recipients'), '500')
        self.wait_cores(2)

    def test_what_the_data_plane_refuses_is_taken_back(self):
        self.start(FAKE_REFUSE=1)
        self.say('set', 'smtp.recipients', '500')
        self.say('commit')
        wait_for(lambda: self.state()['running'] == 3, 60)
        self.assertIsNone(self.value('smtp.recipients'))
        self.assertIn('this fake refuses', self.state()['announcements'][0]['text'])

    def test_a_damaged_generation_is_set_aside_at_the_next_start(self):
        self.start()
        self.say('set', 'smtp.recipients', '500')
        self.say('commit')
        self.kill()
        newest = self.run_directory / 'settings/generation-0000000002'
        newest.write_bytes(newest.read_bytes()[:-20])
        self.start()
        self.assertIsNone(self.value('smtp.recipients'))
        self.assertIn('damaged', self.state()['announcements'][0]['text'])
        self.assertTrue((self.run_directory / 'settings/damaged-2').exists())


class File(Store):
    def test_a_settings_file_is_a_generation_each_time_it_changes(self):
        self.start()
        self.say('set', 'smtp.received_hops', '50')
        self.say('commit')
        self.write(SETTINGS + '# a comment is no change\n')
        self.assertEqual(self.postern('reload').returncode, 0)
        self.assertEqual(self.value('smtp.received_hops'), '50')
        self.write(SETTINGS + 'smtp.recipients = 500\n')
        self.assertEqual(self.postern('reload').returncode, 0)
        self.wait_cores(3)
        self.assertEqual((self.value('smtp.recipients'), self.value('smtp.received_hops')), ('500', None))
        self.say('rollback', '2')
        self.say('commit')
        self.wait_cores(4)
        self.assertEqual((self.value('smtp.recipients'), self.value('smtp.received_hops')), (None, '50'))

    @unittest.skipIf(os.path.exists('/etc/postern/settings.toml'), 'this machine has a settings file of its own')
    def test_a_box_without_a_file_keeps_its_settings_in_its_state_directory(self):
        def start():
            with open(self.log, 'ab') as log:
                self.process = subprocess.Popen([process.CONTROL, '--state-dir', self.path / 'state', '--run-dir', self.run_directory,
                                                 '--dataplane', process.FAKE, '--board', 'none'], stderr=log, stdout=log)
            self.wait_generation()
        start()
        self.say('set', 'host_name', 'gw.example.net')
        self.say('commit')
        self.wait_cores(1)
        self.process.terminate()
        self.ends()
        start()
        self.assertEqual(self.value('host_name'), 'gw.example.net')
        self.assertEqual(self.status()['host_name'], 'gw.example.net')


class People(Store):
    def test_every_fault_is_told_at_once_and_nothing_changes(self):
        self.start()
        done = self.say('set', 'smtp.recipients', '5', good=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn('a whole number from 100 to 100000', done.stderr)
        self.say('set', 'office.tls', 'pinned')
        self.say('set', 'smtp.require_tls', 'true')
        done = self.say('check', good=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn('office.pin', done.stdout)
        self.assertIn('smtp.require_tls', done.stdout)
        done = self.say('commit', good=False)
        self.assertIn('office.pin', done.stderr)
        self.say('discard')
        self.assertEqual(self.state()['running'], 1)

    def test_an_export_is_sealed_and_comes_back(self):
        self.start()
        file = self.path / 'export'
        self.say('export', str(file), text='correct horse\n')
        self.assertNotIn(b'gw.example.net', file.read_bytes())
        self.say('set', 'host_name', 'other.example.net')
        self.say('commit')
        wrong = self.say('import', str(file), text='wrong horse\n', good=False)
        self.assertIn('passphrase is wrong', wrong.stderr)
        self.assertIn('+ host_name = gw.example.net', self.say('import', str(file), text='correct horse\n').stdout)
        self.say('commit')
        self.assertEqual(self.value('host_name'), 'gw.example.net')

    def test_a_lock_rescue_and_reset_do_as_they_say(self):
        self.start()
        self.say('rescue', 'save')
        self.say('lock')
        self.assertEqual(self.state()['locked_by'], 'root')
        self.say('unlock')
        self.say('set', 'smtp.recipients', '500')
        self.say('commit')
        self.say('rescue', 'load')
        self.assertIn('- smtp.recipients = 500', self.say('compare').stdout)
        self.assertEqual(self.say('factory-reset', good=False).returncode, 1)
        self.say('factory-reset', '--sure')
        self.assertEqual(len(list((self.run_directory / 'settings').glob('generation-*'))), 1)


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0]] + sys.argv[4:])
