"""Files of installed Debian packages: who owns a file, at which version, and that it is what the package brought.

What always holds: nothing gets into the image that a package does not own or whose MD5 differs from the package's list
(generated files are named by the manifest, with the package that generates them).
"""
import functools
import hashlib
import os
import pathlib
import re

from image.builder.shell import ImageError, run

INFO = pathlib.Path('/var/lib/dpkg/info')


@functools.cache
def owners():
    """Every file that dpkg knows, by the path it has with /usr merged."""
    found = {}
    for listing in sorted(INFO.glob('*.list')):
        for line in listing.read_text().splitlines():
            found.setdefault(merged(line), listing.name[:-5])
    return found


def merged(path):
    """/lib/x is /usr/lib/x on a machine with merged /usr."""
    return '/usr' + path if re.match(r'/(bin|sbin|lib|lib64)/', path) else path


@functools.cache
def sums(package):
    listing = INFO / f'{package}.md5sums'
    if not listing.exists():
        return {}
    pairs = (line.split(None, 1) for line in listing.read_text().splitlines())
    return {merged('/' + path): digest for digest, path in pairs}


@functools.cache
def facts(package):
    """(name, version, source, source version, architecture) of an installed package."""
    form = '${Package}\\t${Version}\\t${source:Package}\\t${source:Version}\\t${Architecture}\n'
    return tuple(run('dpkg-query', '-W', '-f', form, package).splitlines()[0].split('\t'))


def owner(path):
    """The package of a file, checked against the package's own sum."""
    path = merged(str(path))
    package = owners().get(path)
    if package is None:
        raise ImageError(f'{path} belongs to no Debian package: it may not go into the image')
    want = sums(package).get(path)
    if want and hashlib.md5(pathlib.Path(path).read_bytes()).hexdigest() != want:
        raise ImageError(f'{path} is not what package {package} brought: reinstall it')
    return package


def real(path):
    """The file behind a path, with the links on the way (each merged)."""
    links, path = [], merged(str(path))
    while os.path.islink(path):
        target = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))
        links.append((path, os.readlink(path)))
        path = merged(target)
    return path, links
