"""tools/layers finds what it is there to find: each test plants one fault in a small tree of its own."""
import pathlib
import subprocess
import tempfile
import unittest

LAYERS = pathlib.Path(__file__).resolve().parents[2] / 'tools' / 'layers'


class Layers(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix='postern-layers-')
        self.root = pathlib.Path(self.directory.name)
        self.write('platform/base/bytes.hpp', '#include <span>\n')
        self.write('firmware/tcp/engine.hpp', '#include "platform/base/bytes.hpp"\n')

    def tearDown(self):
        self.directory.cleanup()

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def check(self, *arguments):
        done = subprocess.run([LAYERS, '--root', self.root, *arguments], capture_output=True, text=True)
        return done.returncode, done.stdout

    def expect_fault(self, *words):
        status, output = self.check()
        self.assertEqual(status, 1, output)
        for word in words:
            self.assertIn(word, output)

    def test_a_clean_tree_passes(self):
        status, output = self.check()
        self.assertEqual(status, 0, output)

    def test_an_engine_that_includes_another_is_named_with_its_line(self):
        self.write('firmware/tls/session.cpp', '// a comment\n#include "firmware/tcp/engine.hpp"\n')
        self.expect_fault('firmware/tls/session.cpp:2:', 'firmware/tcp/engine.hpp')

    def test_an_include_upwards_is_a_fault(self):
        self.write('platform/clock/clock.cpp', '#include "firmware/tcp/engine.hpp"\n')
        self.expect_fault('platform/clock/clock.cpp:1:')

    def test_wolfssl_is_seen_only_in_its_room(self):
        self.write('firmware/smtp/server.cpp', '#include <wolfssl/ssl.h>\n')
        self.expect_fault('firmware/smtp/server.cpp:1:', 'wolfssl')

    def test_dpdk_is_seen_only_in_its_rooms(self):
        self.write('firmware/dataplane/main.cpp', '#include <rte_ethdev.h>\n')
        self.expect_fault('firmware/dataplane/main.cpp:1:')

    def test_an_unknown_library_is_a_fault(self):
        self.write('firmware/control/web.cpp', '#include <openssl/ssl.h>\n')
        self.expect_fault('openssl/ssl.h', 'third-party table')

    def test_an_engine_may_not_name_a_clock_or_a_socket(self):
        self.write('firmware/tcp/engine.cpp', '#include <sys/socket.h>\n')
        self.expect_fault('firmware/tcp/engine.cpp:1:', 'without I/O')

    def test_a_relative_include_is_a_fault(self):
        self.write('firmware/tcp/engine.cpp', '#include "engine.hpp"\n')
        self.expect_fault('project root')

    def test_a_circle_of_files_is_a_fault(self):
        self.write('firmware/tcp/a.hpp', '#include "firmware/tcp/b.hpp"\n')
        self.write('firmware/tcp/b.hpp', '#include "firmware/tcp/a.hpp"\n')
        self.expect_fault('circle')

    def test_a_room_nobody_entered_may_include_nothing(self):
        self.write('firmware/novelty/x.cpp', '#include <span>\n')
        self.expect_fault('firmware/novelty/x.cpp')

    def test_a_file_too_long_is_a_fault(self):
        self.write('firmware/tcp/long.cpp', '\n' * 351)
        self.expect_fault('351 lines')

    def test_a_function_too_long_is_a_warning_and_a_class_is_not(self):
        body = '  step();\n' * 61
        self.write('firmware/tcp/f.cpp', f'namespace x {{\nclass C {{\n{body}}};\nvoid f(int a) {{\n  if (a) {{\n{body}  }}\n}}\n}}\n')
        status, output = self.check('--warnings')
        self.assertEqual(status, 0, output)
        self.assertIn('firmware/tcp/f.cpp:65: a function of 65 lines', output)
        self.assertIn('1 functions', output)


if __name__ == '__main__':
    unittest.main()
