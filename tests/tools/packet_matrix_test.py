"""The state-by-event matrix in the tree is what its generator writes, and complete."""
import pathlib
import subprocess
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parents[1] / 'packet_scripts'


class Matrix(unittest.TestCase):
    def test_the_files_are_as_generated(self):
        done = subprocess.run([SCRIPTS / 'generate-matrix', '--check'], text=True, stdout=subprocess.PIPE)
        self.assertEqual(0, done.returncode, done.stdout)

    def test_every_state_of_the_rfc_has_its_scripts(self):
        states = {path.name for path in (SCRIPTS / 'scripts' / 'matrix').iterdir()}
        self.assertEqual({'closed', 'listen', 'syn-sent', 'syn-received-after-listen', 'syn-received-after-syn-sent', 'established',
                          'fin-wait-1', 'fin-wait-2', 'close-wait', 'closing', 'last-ack', 'time-wait'}, states)


if __name__ == '__main__':
    unittest.main()
