"""tools/flash on files, and against disks as a tree like /sys shows them."""
import hashlib
import importlib.machinery
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from tools.disks.block import Disk

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FLASH = ROOT / 'tools/flash'


def load_flash():
    loader = importlib.machinery.SourceFileLoader('flash_tool', str(FLASH))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader('flash_tool', loader))
    loader.exec_module(module)
    return module


class Flash(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        pattern = b''.join(hashlib.sha256(str(i).encode()).digest() for i in range(4096)) * 24  # 3 MiB
        image = bytearray(pattern)
        image[512:520] = b'EFI PART'
        self.image = self.folder / 'disk.img'
        self.image.write_bytes(image)
        self.facts = {'board': 'qemu-q35', 'version': '1.2', 'disk.img': {'sha256': hashlib.sha256(image).hexdigest()}}
        self.save_facts()
        self.disk = self.folder / 'disk'
        self.disk.write_bytes(b'\xAA' * (8 << 20))

    def save_facts(self):
        (self.folder / 'image.json').write_text(json.dumps(self.facts))

    def run_flash(self, *words, text=''):
        done = subprocess.run([sys.executable, FLASH, *words], input=text, text=True, capture_output=True, timeout=300)
        return done.returncode, done.stdout + done.stderr

    def flash(self, *words, text=''):
        return self.run_flash(str(self.image), str(self.disk), *words, text=text)

    def untouched(self):
        return self.disk.read_bytes() == b'\xAA' * (8 << 20)

    def test_the_image_is_on_the_disk_byte_by_byte(self):
        status, said = self.flash('--yes')
        self.assertEqual(0, status, said)
        self.assertEqual(self.image.read_bytes(), self.disk.read_bytes()[:self.image.stat().st_size])
        self.assertIn('reading back 100 %', said)
        self.assertIn('holds version 1.2 for qemu-q35', said)

    def test_the_copy_of_an_older_partition_table_is_gone(self):
        self.flash('--yes')
        self.assertEqual(bytes(34 * 512), self.disk.read_bytes()[-34 * 512:])

    def test_a_folder_stands_for_the_image_in_it(self):
        status, said = self.run_flash(str(self.folder), str(self.disk), '--yes')
        self.assertEqual(0, status, said)

    def test_it_asks_and_takes_only_the_disks_name(self):
        for answer in ('', 'yes\n', 'sda\n'):
            status, said = self.flash(text=answer)
            self.assertEqual(1, status)
            self.assertIn('nothing was written', said)
            self.assertTrue(self.untouched())
        self.assertEqual(0, self.flash(text='disk\n')[0])

    def test_a_wrong_board_is_refused(self):
        status, said = self.flash('--yes', '--board', 'pcengines-apu2')
        self.assertEqual((1, 'flash: the image is for board qemu-q35, not for pcengines-apu2\n'), (status, said))
        self.assertTrue(self.untouched())
        self.assertEqual(0, self.flash('--yes', '--board', 'qemu-q35')[0])

    def test_the_machine_itself_is_asked_for_its_board(self):
        dmi = self.folder / 'root/sys/class/dmi/id'
        dmi.mkdir(parents=True)
        (dmi / 'sys_vendor').write_text('PC Engines\n')
        (dmi / 'product_name').write_text('apu4\n')
        status, said = self.flash('--yes', '--this-machine', '--root', str(self.folder / 'root'))
        self.assertEqual((1, 'flash: the image is for board qemu-q35, not for pcengines-apu4\n'), (status, said))

    def test_an_image_that_does_not_say_its_board_is_refused_where_one_is_wanted(self):
        (self.folder / 'image.json').unlink()
        self.assertEqual(1, self.flash('--yes', '--board', 'qemu-q35')[0])
        self.assertEqual(0, self.flash('--yes')[0])

    def test_a_damaged_image_is_refused_before_anything_is_written(self):
        self.facts['disk.img']['sha256'] = '00' * 32
        self.save_facts()
        status, said = self.flash('--yes')
        self.assertEqual(1, status)
        self.assertIn('is damaged', said)
        self.assertTrue(self.untouched())

    def test_what_is_no_image_is_refused(self):
        self.image.write_bytes(bytes(4096))
        self.assertIn('is no disk image', self.flash('--yes')[1])
        self.assertIn('there is no image', self.run_flash(str(self.folder / 'none.img'), str(self.disk))[1])

    def test_a_disk_that_is_too_small_is_refused(self):
        self.disk.write_bytes(bytes(1 << 20))
        self.assertIn('is too small', self.flash('--yes')[1])

    def test_an_image_is_not_written_over_itself(self):
        self.assertIn('over itself', self.run_flash(str(self.image), str(self.image), '--yes')[1])

    def test_bytes_that_the_disk_lost_are_found(self):
        tool = load_flash()
        image, disk = tool.Image(self.image), Disk(self.disk)
        tool.write(image, disk)
        with open(self.disk, 'r+b') as file:
            file.seek(2_000_000)
            file.write(b'lost')
        with self.assertRaisesRegex(tool.Refused, 'is not the image: the disk may be failing'):
            tool.verify(image, disk)


class Users(unittest.TestCase):
    """Who holds a disk: a tree as Linux would show it, with a file in the disk's place."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = pathlib.Path(holder.name)
        (self.root / 'dev').mkdir()
        (self.root / 'dev/sdx').write_bytes(bytes(4096))
        self.put('sys/class/block/sdx/size', '8')
        self.put('sys/class/block/sdx/dev', '8:0')
        self.put('sys/class/block/sdx/sdx1/partition', '1')
        self.put('sys/class/block/sdx1/dev', '8:1')
        self.disk = Disk(self.root / 'dev/sdx', self.root)

    def put(self, file, text):
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + '\n')

    def test_a_free_disk_has_no_users(self):
        self.assertEqual([], self.disk.users())

    def test_a_mounted_partition_is_seen_by_its_number(self):
        self.put('proc/self/mountinfo', '36 35 8:1 / /mnt/my\\040stick rw - ext4 /dev/other rw')
        self.assertEqual(['sdx1 is mounted on /mnt/my stick'], self.disk.users())

    def test_a_mounted_partition_is_seen_by_its_name(self):
        self.put('proc/self/mountinfo', f'36 35 0:44 / /mnt rw shared:1 - btrfs {self.root}/dev/sdx1 rw')
        self.assertEqual(['sdx1 is mounted on /mnt'], self.disk.users())

    def test_a_partition_that_something_lies_on_is_seen(self):
        self.put('sys/class/block/sdx1/holders/dm-0/x', '')
        self.assertEqual(['sdx1 is held by dm-0'], self.disk.users())

    def test_swap_is_seen(self):
        self.put('proc/swaps', f'Filename Type\n{self.root}/dev/sdx1 partition')
        self.assertEqual(['sdx1 is swap space'], self.disk.users())


if __name__ == '__main__':
    unittest.main()
