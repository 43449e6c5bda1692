"""Which libraries a program needs, and where they are on this machine."""
import functools
import pathlib
import re

from image.builder.shell import ImageError, run

DIRECTORIES = ['/usr/lib/x86_64-linux-gnu', '/usr/lib']


def is_elf(path):
    with open(path, 'rb') as file:
        return file.read(4) == b'\x7fELF'


@functools.cache
def needed(path):
    """(NEEDED names, interpreter or None)."""
    text = run('readelf', '-d', '-l', path)
    interpreter = re.search(r'program interpreter: ([^\]]+)\]', text)
    return re.findall(r'\(NEEDED\).*\[([^\]]+)\]', text), interpreter and interpreter.group(1)


def find(name):
    for directory in DIRECTORIES:
        if pathlib.Path(directory, name).exists():
            return f'{directory}/{name}'
    raise ImageError(f'library {name} is not on this machine')


def closure(programs):
    """Every library the programs need, through all levels, and the interpreter, as paths."""
    waiting, found = [str(p) for p in programs], set()
    while waiting:
        names, interpreter = needed(waiting.pop())
        for path in [find(name) for name in names if not name.startswith('ld-linux')] + ([interpreter] if interpreter else []):
            if path not in found:
                found.add(path)
                waiting.append(path)
    return sorted(found)
