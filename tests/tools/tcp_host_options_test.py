"""Every setting of the IP and TCP engines is a word of tcp-host's command line."""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Told otherwise: by the port, by --mtu and --route, at random at each start, or of no use to a host of one core.
NOT_WORDS = {'tcp': {'mtu', 'checksum_offload', 'isn_key', 'cookie_key', 'table_key'},
             'net': {'interfaces', 'routes', 'key', 'leader', 'exception_path'}}


def fields(engine):
    text = (ROOT / f'firmware/{engine}/settings.hpp').read_text()
    body = text[text.rindex('struct Settings {'):]
    return set(re.findall(r'^  [\w:<>, ]+? (\w+)(?: =[^;]*|\{\})?;', re.sub(r'=\s*\n\s*', '= ', body), re.M))


class TcpHostOptions(unittest.TestCase):
    def test_every_setting_is_a_word(self):
        words = (ROOT / 'tools/tcp_host/engine_options.cpp').read_text()
        for engine in ('tcp', 'net'):
            known = fields(engine)
            self.assertGreater(len(known), 8)
            missing = {f for f in known - NOT_WORDS[engine] if f'&S::{f},' not in re.sub(r'\s+', ' ', words)}
            self.assertEqual(missing, set(), f'{engine}: settings without a word in tools/tcp_host/engine_options.cpp')


if __name__ == '__main__':
    unittest.main()
