"""The web pages' words, lock file and sources: what can be held against them without a browser."""
import json
import pathlib
import re
import unittest

WEB = pathlib.Path(__file__).resolve().parents[2] / 'firmware/control/admin/web'
SETTINGS = WEB.parents[2] / 'ipc'
ENTRY = re.compile(r"^  '([^']+)': \['((?:[^'\\]|\\.)*)', '((?:[^'\\]|\\.)*)'\],$")
# Words whose key is put together from a value: `named('result', ...)` or t(`span.${...}`).
JOINED = re.compile(r"named\('([a-z_]+)'|`([a-z_.]+\.)\$\{|choices\('([a-z_]+)'")


def catalogue():
    """{key: (English, German)} of every file of words."""
    found = {}
    for path in sorted((WEB / 'src/words').glob('*.ts')):
        if path.name == 'catalogue.ts' or path.name.startswith('help_'):
            continue
        for line in path.read_text(encoding='utf-8').splitlines():
            if line.startswith("  '"):
                match = ENTRY.match(line)
                assert match, f'{path.name}: not an entry: {line}'
                assert match[1] not in found, f'{path.name}: {match[1]} is there twice'
                found[match[1]] = (match[2], match[3])
    return found


def sources():
    return '\n'.join(path.read_text(encoding='utf-8') for path in sorted((WEB / 'src').rglob('*.ts*'))
                     if 'words' not in path.parts[-2:-1] and path.name != 'schema.ts')


class Catalogue(unittest.TestCase):
    def test_every_word_has_both_languages_with_the_same_parts(self):
        for key, (english, german) in catalogue().items():
            self.assertTrue(english.strip() and german.strip(), key)
            self.assertEqual(set(re.findall(r'\{(\w+)\}', english)), set(re.findall(r'\{(\w+)\}', german)), key)
            self.assertEqual(english.count('|'), german.count('|'), f'{key}: one form or two in both languages')

    def test_no_word_is_missing(self):
        known = catalogue()
        used = set(re.findall(r"\bt\(\s*'([^']+)'", sources()))
        self.assertGreater(len(used), 300)
        self.assertEqual(sorted(used - set(known)), [])

    def test_no_word_is_unused(self):
        text = sources()
        fronts = {part.rstrip('.') for match in JOINED.findall(text) for part in match if part}
        literal = set(re.findall(r"'([a-z_]+(?:\.[A-Za-z0-9_+. -]+)*)'", text))
        unused = [key for key in catalogue() if key not in literal and not any(key.startswith(f'{front}.') for front in fronts)]
        self.assertEqual(unused, [])


def german_help():
    return {match[1]: match[2] for path in (WEB / 'src/words').glob('help_*.ts')
            for match in re.finditer(r"^  '([^']+)': '(.+)',$", path.read_text(encoding='utf-8'), re.M)}


class SettingsHelp(unittest.TestCase):
    def test_german_help_names_settings_that_exist(self):
        tables = ''.join(path.read_text() for path in SETTINGS.glob('settings_*.*pp'))
        named = set(re.findall(r'"([a-z0-9_.<>]+)"', tables))
        helped = german_help()
        self.assertGreater(len(helped), 150)
        self.assertEqual(sorted(set(helped) - named), [])


class Packages(unittest.TestCase):
    def test_the_lock_file_names_no_host_and_pins_everything(self):
        lock = (WEB / 'package-lock.json').read_text()
        self.assertNotIn('://', re.sub(r'"url": "[^"]*"', '', lock))
        self.assertNotIn('"resolved"', lock)
        for name, one in json.loads(lock)['packages'].items():
            if name:
                self.assertRegex(one['version'], r'^\d+\.\d+\.\d+', name)
                self.assertTrue(one.get('integrity', '').startswith('sha512-'), name)

    def test_every_package_is_asked_for_by_one_version(self):
        wanted = json.loads((WEB / 'package.json').read_text())
        for name, version in (wanted['dependencies'] | wanted['devDependencies']).items():
            self.assertRegex(version, r'^\d+\.\d+\.\d+$', name)


class Sources(unittest.TestCase):
    def test_the_document_holds_no_code_and_no_style(self):
        html = (WEB / 'src/index.html').read_text()
        self.assertNotRegex(html, r'<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=')

    def test_files_are_small(self):
        for path in [*(WEB / 'src').rglob('*.ts*'), *(WEB / 'style').rglob('*.css')]:
            if path.name != 'schema.ts':
                self.assertLessEqual(path.read_text(encoding='utf-8').count('\n'), 350, path.name)

    def test_colours_stand_in_one_file(self):
        for path in (WEB / 'style').glob('*.css'):
            if path.name != 'base.css':
                self.assertEqual(re.findall(r'#[0-9a-f]{6}\b', path.read_text()), [], path.name)


if __name__ == '__main__':
    unittest.main()
