"""tools/rfc-index finds what code claims and what tests show: each test plants a small tree of its own."""
import json
import pathlib
import subprocess
import tempfile
import unittest

INDEX = pathlib.Path(__file__).resolve().parents[2] / 'tools' / 'rfc-index'


class Index(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix='postern-rfc-index-')
        self.root = pathlib.Path(self.directory.name)

    def tearDown(self):
        self.directory.cleanup()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_index(self, *arguments):
        return subprocess.run([INDEX, '--root', self.root, *arguments], text=True, stdout=subprocess.PIPE)

    def rows(self, *arguments):
        return {(r['rfc'], r['section']): r for r in json.loads(self.run_index('--json', *arguments).stdout)['sections']}

    def test_a_section_in_code_without_a_test_shows_up(self):
        self.write('firmware/tcp/a.cpp', '// RFC 9293 §3.8.6\n')
        self.assertEqual(1, self.run_index('--missing').returncode)
        self.assertIn('RFC 9293 §3.8.6\n  code firmware/tcp/a.cpp:1\n  no test', self.run_index('--missing').stdout)

    def test_a_test_that_names_it_removes_it(self):
        self.write('firmware/tcp/a.cpp', '// RFC 9293 §3.8.6\n')
        self.write('tests/packet_scripts/scripts/window/a.pkt', '# RFC 9293 §3.8.6: words\n')
        self.assertEqual(0, self.run_index('--missing').returncode)
        self.assertEqual(['tests/packet_scripts/scripts/window/a.pkt:1'], self.rows()[9293, '3.8.6']['tests'])

    def test_a_test_of_a_part_counts_for_the_whole_and_not_the_other_way(self):
        self.write('firmware/tcp/a.cpp', '// RFC 9293 §3.8\n// RFC 5961 §3.2\n// RFC 6298 §2\n')
        self.write('tests/a_test.cpp', '// RFC 9293 §3.8.6, RFC 5961 §3 and RFC 6298 §20\n')
        self.assertEqual({(5961, '3.2'), (6298, '2')}, set(self.rows('--missing')))

    def test_an_rfc_without_a_section_is_shown_by_any_test_of_it(self):
        self.write('firmware/net/a.cpp', '// RFC 826\n// RFC 1337\n')
        self.write('tests/a_test.cpp', '// RFC 826 §1\n')
        self.assertEqual({(1337, '')}, set(self.rows('--missing')))

    def test_several_sections_and_a_line_break_are_one_reference_each(self):
        self.write('firmware/tcp/a.cpp', '// see RFC 9293 §3.10.7.1 and §3.10.7.2, RFC\n// 5722 §4. RFC 4291\n  // §2.7.1, RFC 4291 appendix A\n')
        self.assertEqual({(9293, '3.10.7.1'), (9293, '3.10.7.2'), (5722, '4'), (4291, '2.7.1'), (4291, 'A')}, set(self.rows()))

    def test_a_room_and_an_rfc_narrow_it(self):
        self.write('firmware/tcp/a.cpp', '// RFC 9293 §1, RFC 6298 §2\n')
        self.write('firmware/smtp/a.cpp', '// RFC 5321 §4.1\n')
        self.assertEqual({(9293, '1')}, set(self.rows('--room', 'firmware/tcp', '--rfc', '9293')))
        self.assertEqual({(5321, '4.1')}, set(self.rows('--room', 'firmware/smtp')))

    def test_only_some_rooms_are_held_to_it(self):
        self.write('firmware/smtp/a.cpp', '// RFC 5321 §4.1\n')
        self.assertEqual(0, self.run_index('--check').returncode)
        self.write('firmware/net/a.cpp', '// RFC 826\n')
        self.assertEqual(1, self.run_index('--check').returncode)

    def test_this_tree_names_no_section_of_tcp_or_ip_that_no_test_names(self):
        done = subprocess.run([INDEX, '--check'], text=True, stdout=subprocess.PIPE)
        self.assertEqual(0, done.returncode, done.stdout)


if __name__ == '__main__':
    unittest.main()
