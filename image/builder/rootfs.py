"""The root filesystem: staged from the manifest, packed by mksquashfs, with a dm-verity tree behind it.

What always holds: every file is in `contents` with where it comes from; the SBOM is made from that and from nothing else.
"""
import hashlib
import os
import pathlib
import shutil

from image.builder import debian, elf
from image.builder.shell import ImageError, align, run, say

BLOCK = 4096


class Root:
    def __init__(self, tree, build):
        self.tree, self.build = pathlib.Path(tree), pathlib.Path(build)
        self.contents = []  # (path in the image, kind, package or None)
        self.programs = []

    def place(self, path):
        at = self.tree / path.lstrip('/')
        at.parent.mkdir(parents=True, exist_ok=True)
        return at

    def copy(self, source, path, mode=None):
        at = self.place(path)
        shutil.copyfile(source, at)
        at.chmod(mode if mode is not None else (0o755 if os.access(source, os.X_OK) else 0o644))
        return at

    def text(self, path, text):
        self.place(path).write_text(text)
        self.place(path).chmod(0o644)
        self.contents.append((path, 'postern', None))

    def data(self, source, path):
        self.copy(source, path, 0o644)
        self.contents.append((path, 'postern', None))

    def link(self, path, target):
        at = self.place(path)
        if not at.is_symlink():
            at.symlink_to(target)

    def program(self, entry):
        source = self.build / entry['from']
        if not source.exists():
            if entry.get('optional'):
                say(f'{source.name} is not built and is left out')
                return
            raise ImageError(f'{source} is not built: run make build')
        self.programs.append(str(source))
        run('strip', '-o', self.place(entry['to']), source)
        self.place(entry['to']).chmod(0o755)
        self.contents.append((entry['to'], 'postern', None))

    def folder(self, entry):
        source = self.build / entry['from']
        if not source.is_dir():
            say(f'{source} is not built and is left out')
            return
        for path in sorted(source.rglob('*')):
            if path.is_file():
                self.data(path, f'{entry["to"]}/{path.relative_to(source)}')

    def debian(self, path):
        """A file of a package, at its own place, with the links that lead to it."""
        real, links = debian.real(path)
        for name, target in links:
            self.link(name, target)
        if self.place(real).exists():
            return
        package = debian.owner(real)
        at = self.copy(real, real)
        self.contents.append((real, 'debian', package))
        if elf.is_elf(at):
            self.programs.append(real)

    def generated(self, entry):
        self.copy(entry['file'], entry['file'], 0o644)
        self.contents.append((entry['file'], 'debian', entry['package']))

    def libraries(self):
        for path in elf.closure(self.programs):
            self.debian(path)


def fill(root, manifest, pmds):
    for path, target in manifest['links'].items():
        root.link(path, target)
    for path in manifest['directories']['empty']:
        root.place(path).mkdir(exist_ok=True)
    for path, text in manifest['texts'].items():
        root.text(path, text.lstrip('\n'))
    for entry in manifest['program']:
        root.program(entry)
    for entry in manifest['folder']:
        root.folder(entry)
    for entry in manifest['debian']:
        if entry.get('optional') and not all(os.path.exists(debian.merged(f)) for f in entry['files']):
            say(f'{entry["package"]} is not installed and is left out')
            continue
        for path in entry['files']:
            root.debian(path)
    for entry in manifest['generated']:
        root.generated(entry)
    for name in pmds:
        root.debian(f'{manifest["dpdk"]["directory"]}/librte_{name}.so')
    root.libraries()


def fingerprint(tree, epoch):
    """One number for all that decides a squashed tree's bytes."""
    whole = hashlib.sha256(str(epoch).encode())
    for path in sorted(tree.rglob('*')):
        whole.update(f'{path.relative_to(tree)} {path.lstat().st_mode:o}\n'.encode())
        if path.is_symlink():
            whole.update(os.readlink(path).encode())
        elif path.is_file():
            whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def squash(tree, image, epoch):
    """Returns True where the image was there already, from the same tree."""
    mark, now = image.with_suffix('.tree'), fingerprint(tree, epoch)
    if image.exists() and mark.exists() and mark.read_text() == now:
        return True
    mark.unlink(missing_ok=True)
    image.unlink(missing_ok=True)
    run('mksquashfs', tree, image, '-comp', 'zstd', '-Xcompression-level', '19', '-b', '131072', '-all-root', '-all-time', epoch,
        '-mkfs-time', epoch, '-no-xattrs', '-noappend', '-no-progress', '-quiet', env=environment())
    return False


def environment():
    """mksquashfs takes the time from its arguments and refuses to be told twice."""
    return {key: value for key, value in os.environ.items() if key != 'SOURCE_DATE_EPOCH'}


def seal(image, tree, epoch, kept):
    """Appends the verity superblock and tree; returns (root hash, offset of the superblock)."""
    facts = image.with_suffix('.verity')
    if kept and facts.exists():
        root_hash, offset = facts.read_text().split()
        return root_hash, int(offset)
    offset = align(image.stat().st_size, BLOCK)
    os.truncate(image, offset)
    digest = hashlib.sha256(image.read_bytes()).hexdigest()
    # The salt and the identity come from the contents: the same root gives the same tree.
    uuid = f'{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-8{digest[17:20]}-{digest[20:32]}'
    text = run('veritysetup', 'format', image, image, '--hash-offset', offset, '--data-blocks', offset // BLOCK,
               '--data-block-size', BLOCK, '--hash-block-size', BLOCK, '--salt', digest, '--uuid', uuid)
    found = [line.split()[-1] for line in text.splitlines() if line.startswith('Root hash')]
    facts.write_text(f'{found[0]} {offset}')
    image.with_suffix('.tree').write_text(fingerprint(tree, epoch))
    return found[0], offset
