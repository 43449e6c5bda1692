"""The disk: an ESP made by mtools and a partition table made by sfdisk, on plain files, without root and loop devices."""
import hashlib
import os
import pathlib

from image.builder.shell import ImageError, run

MIB = 1 << 20


def identity(seed, name):
    """A UUID that only the seed and the name decide."""
    h = hashlib.sha256(f'{seed} {name}'.encode()).hexdigest()
    return f'{h[:8]}-{h[8:12]}-4{h[13:16]}-8{h[17:20]}-{h[20:32]}'.upper()


def make_esp(path, megabytes, files, seed, epoch):
    """files: path on the ESP -> bytes or a file's path."""
    path.unlink(missing_ok=True)
    with open(path, 'wb') as file:
        file.truncate(megabytes * MIB)
    volume = identity(seed, 'esp')[:8]
    environment = os.environ | {'SOURCE_DATE_EPOCH': str(epoch), 'MTOOLS_SKIP_CHECK': '1', 'TZ': 'UTC'}
    run('mkfs.fat', '-F', '32', '-n', 'POSTERN', '-i', volume, '--invariant', path, env=environment)
    made = set()
    for name in files:
        for parent in reversed(pathlib.PurePosixPath(name).parents):
            if str(parent) != '.' and parent not in made:
                made.add(parent)
                run('mmd', '-i', path, f'::/{parent}', env=environment)
    for name, source in files.items():
        data = source if isinstance(source, bytes) else pathlib.Path(source).read_bytes()
        run('mcopy', '-i', path, '-', f'::/{name}', data=data, env=environment)


def make_disk(path, layout, contents, seed):
    """contents: partition name -> file that goes to its start. Returns {name: (offset, bytes)}."""
    total = layout['disk']['megabytes'] * MIB
    lines, at, places = ['label: gpt', f'label-id: {identity(seed, "disk")}', 'first-lba: 34'], MIB, {}
    for part in layout['partition']:
        size = part['megabytes'] * MIB or (total - at) // MIB * MIB - MIB
        lines.append(f'start={at // 512}, size={size // 512}, type={part["type"]}, name="{part["name"]}", '
                     f'uuid={identity(seed, part["name"])}')
        places[part['name']] = (at, size)
        at += size
    if at > total:
        raise ImageError('the partitions of image/layout.toml are larger than its disk')
    path.unlink(missing_ok=True)
    with open(path, 'wb') as file:
        file.truncate(total)
    run('sfdisk', '--quiet', '--no-reread', '--no-tell-kernel', path, data=('\n'.join(lines) + '\n').encode())
    with open(path, 'r+b') as file:
        for name, source in contents.items():
            offset, size = places[name]
            if os.path.getsize(source) > size:
                raise ImageError(f'{source} is larger than partition {name}')
            copy_sparse(source, file, offset)
    return places


def copy_sparse(source, target, offset):
    with open(source, 'rb') as file:
        while block := file.read(MIB):
            if block.count(0) != len(block):
                target.seek(offset)
                target.write(block)
            offset += len(block)
