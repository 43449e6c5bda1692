"""tools/newboard on a tree like /sys."""
import pathlib
import subprocess
import sys
import tempfile
import tomllib
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class NewBoard(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = pathlib.Path(holder.name) / 'root'
        self.boards = pathlib.Path(holder.name) / 'boards'
        self.put('sys/class/dmi/id/sys_vendor', 'Maker "One"')
        self.put('sys/class/dmi/id/product_name', 'Box 9')
        self.put('proc/cpuinfo', 'processor : 0\nvendor_id\t: GenuineIntel')
        self.put('sys/class/iommu/dmar0/x', '')
        for core in range(8):  # four cores with two threads each
            self.put(f'sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list', f'{core % 4},{core % 4 + 4}')
        for number, driver in enumerate(('igb', 'igb', 'e1000e')):
            at = f'sys/bus/pci/devices/0000:0{number + 1}:00.0'
            self.put(f'{at}/class', '0x020000')
            self.put(f'{at}/vendor', '0x8086')
            self.put(f'{at}/device', '0x1533')
            (self.root / at / 'driver').symlink_to(f'../../drivers/{driver}')
        self.put('sys/bus/pci/devices/0000:00:1f.2/class', '0x010601')
        self.put('sys/class/block/sda/removable', '0')
        self.put('sys/class/block/sda/size', '1000')
        self.put('sys/class/block/loop0/removable', '0')
        self.put('sys/class/watchdog/watchdog0/identity', 'iTCO_wdt')
        self.put('sys/class/tty/ttyS0/type', '0')
        self.put('sys/class/tty/ttyS1/type', '4')
        self.put('sys/class/hwmon/hwmon2/name', 'coretemp')
        self.put('sys/class/hwmon/hwmon2/temp1_input', '40000')
        self.put('sys/class/leds/input0::numlock/brightness', '0')
        self.put('sys/class/leds/box:green:1/brightness', '0')
        self.put('sys/class/tpm/tpm0/x', '')

    def put(self, file, text):
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + '\n')

    def run_tool(self, *words):
        done = subprocess.run([sys.executable, ROOT / 'tools/newboard', *words, '--root', self.root, '--boards', self.boards],
                              text=True, capture_output=True, timeout=300)
        return done.returncode, done.stdout, done.stderr

    def test_a_board_says_what_the_machine_has(self):
        status, text, _ = self.run_tool('box-9')
        self.assertEqual(0, status)
        board = tomllib.loads(text)
        self.assertEqual({'vendor': 'Maker "One"', 'product': 'Box 9'}, board['dmi'])
        self.assertEqual({'data': [2, 3], 'spool_writer': 1, 'housekeeping': 0}, board['cores'])
        self.assertEqual([('wan', '0000:01:00.0'), ('lan', '0000:02:00.0')], [(p['name'], p['pci']) for p in board['port']])
        self.assertEqual('0000:03:00.0', board['management']['pci'])
        self.assertEqual({'uart': 'ttyS1', 'baud': 115200}, board['console'])
        self.assertEqual({'iommu': 'intel', 'disk': '/dev/sda', 'modules': ['coretemp', 'e1000e', 'iTCO_wdt', 'igb']}, board['boot'])
        self.assertEqual('iTCO_wdt', board['watchdog']['driver'])
        self.assertTrue(board['tpm']['fitted'])
        self.assertEqual(['box:green:1'], [led['device'] for led in board['led']])
        self.assertEqual('coretemp', board['sensor'][0]['chip'])

    def test_it_is_written_once_with_its_page(self):
        self.assertEqual(0, self.run_tool('box-9', '--write')[0])
        self.assertIn('0000:02:00.0: 8086:1533, driven by igb', (self.boards / 'box-9/README.md').read_text())
        status, _, said = self.run_tool('box-9', '--write')
        self.assertEqual(1, status)
        self.assertIn('is there already', said)

    def test_a_name_that_is_none_is_refused(self):
        self.assertEqual(2, self.run_tool('../x')[0])

    def test_a_bare_machine_is_left_out_not_guessed(self):
        with tempfile.TemporaryDirectory() as empty:
            self.root = pathlib.Path(empty)
            board = tomllib.loads(self.run_tool('bare')[1])
        self.assertEqual({'data': [0], 'spool_writer': 0, 'housekeeping': 0}, board['cores'])
        self.assertEqual({'iommu': 'none'}, board['boot'])
        self.assertNotIn('port', board)


if __name__ == '__main__':
    unittest.main()
