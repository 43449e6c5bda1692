"""The order of a build: root, verity, initramfs, UKI, ESP, disk, SBOM, facts."""
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import tomllib

from image.builder import cpio, disk, kernel, rootfs, sbom, signing, uki
from image.builder.shell import ImageError, run, say

HERE = pathlib.Path(__file__).resolve().parent.parent
ROOT = HERE.parent


def read(name):
    return tomllib.loads((HERE / name).read_text())


def commit_facts():
    """(commit, its time): what the image is made of. Outside a checkout SOURCE_DATE_EPOCH has to say when."""
    if 'SOURCE_DATE_EPOCH' in os.environ:
        return os.environ.get('POSTERN_COMMIT', 'unknown'), int(os.environ['SOURCE_DATE_EPOCH'])
    try:
        commit, seconds = run('git', '-C', ROOT, 'log', '-1', '--format=%H %ct').split()
    except ImageError:
        raise ImageError('this is no git checkout: set SOURCE_DATE_EPOCH') from None
    return commit, int(seconds)


def pick(board, modules):
    """(early modules, late modules, DPDK drivers) of a board; a sibling takes its parent's."""
    name = board
    while name not in modules['boards']:
        text = (ROOT / f'boards/{name}/board.toml').read_text()
        parent = tomllib.loads(text).get('extends')
        if not parent:
            raise ImageError(f'image/modules.toml has no list for board {board}')
        name = parent
    sets = modules['boards'][name]
    early = [m for s in sets for m in modules['sets'][s].get('early', [])]
    late = [m for s in sets for m in modules['sets'][s].get('late', [])]
    pmds = modules['pmds']['always'] + [p for s in sets for p in modules['pmds'].get(s, [])]
    return early, late, pmds


def make_initramfs(linux, early, program, work):
    archive = cpio.Archive()
    for name in ('proc', 'sys', 'dev', 'run', 'root', 'modules'):
        archive.directory(name)
    # The kernel opens this before /init mounts devtmpfs.
    archive.device('dev/console', 5, 1)
    order = linux.ordered(early)
    for name in order:
        archive.file(f'modules/{name}.ko', linux.modules[name].read_bytes())
    archive.file('modules/list', ''.join(f'{name}.ko\n' for name in order).encode())
    stripped = work / 'postern-first'
    run('strip', '-o', stripped, program)
    archive.file('init', stripped.read_bytes(), 0o755)
    done = subprocess.run(['zstd', '-q', '-19', '-T1', '-c'], input=archive.bytes(), stdout=subprocess.PIPE, check=True)
    return done.stdout, order


def add_modules(root, linux, late, order):
    wanted = [name for name in linux.ordered([*order, *late]) if name not in order]
    for name in wanted:
        root.copy(linux.modules[name], f'/usr/lib/modules/{name}.ko', 0o644)
    root.place('/usr/lib/modules/list').write_text(''.join(f'{name}.ko\n' for name in wanted))
    return wanted


def add_boards(root):
    for path in sorted((ROOT / 'boards').glob('*/board.toml')):
        root.data(path, f'/usr/share/postern/boards/{path.parent.name}/board.toml')


def add_update_keys(root, signer, programs):
    found = signer.update_keys(programs / 'tools/bundle/postern-bundle')
    root.place('/usr/share/postern/update-keys').mkdir(parents=True, exist_ok=True)
    for path in found:
        root.data(path, f'/usr/share/postern/update-keys/{path.name}')
    if not found:
        say('NO KEY FOR UPDATES: this image can be updated by nobody')


def linked_statically(programs):
    """(name, version) of libraries that are built here and are inside our programs: wolfSSL, unless Debian's binary was taken."""
    found = json.loads(run('meson', 'introspect', '--dependencies', programs))
    return [(one['name'], one.get('version', 'unknown')) for one in found
            if one['name'] == 'wolfssl' and not any('libwolfssl.so' in word for word in one.get('link_args', []))]


def release_text(board, version, name, identity):
    return (f'ID={identity}\nNAME="Postern"\nPRETTY_NAME="{name}"\nVERSION_ID={version}\nPOSTERN_BOARD={board}\n')


def loader_text(*words):
    """The same for the loader, without the version: it would sort by version first, and only then by the number in the name."""
    return re.sub(r'VERSION_ID=.*\n', '', release_text(*words))


def build(board, programs, output, keys=None, version=None):
    """`version`: another than the tree's, for tests of updates."""
    manifest, modules, layout = read('manifest.toml'), read('modules.toml'), read('layout.toml')
    version = version or (ROOT / 'VERSION').read_text().strip()
    commit, epoch = commit_facts()
    linux = kernel.Kernel(manifest['kernel']['package'])
    early, late, pmds = pick(board, modules)
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix='postern-image-') as temporary:
        work = pathlib.Path(temporary)
        say(f'{board}: root filesystem, kernel {linux.version}')
        initramfs, order = make_initramfs(linux, early, programs / 'firmware/init/postern-first', work)
        root = rootfs.Root(work / 'root', programs)
        rootfs.fill(root, manifest, pmds)
        loaded = add_modules(root, linux, late, order)
        add_boards(root)
        signer = signing.Signer(keys, epoch)
        add_update_keys(root, signer, programs)
        root.text('/etc/os-release', release_text(board, version, f'Postern {version}', 'postern'))
        root.link('/usr/lib/os-release', '../../etc/os-release')
        components = sbom.make(root, linux, linked_statically(programs), [*order, *loaded], ['systemd-boot-efi', 'libc6-dev', 'libstdc++-12-dev'], version, board, commit)
        text = json.dumps(components, indent=1) + '\n'
        root.text('/usr/share/postern/sbom.json', text)
        (output / 'sbom.json').write_text(text)
        image = output / 'root.img'
        kept = rootfs.squash(root.tree, image, epoch)
        root_hash, offset = rootfs.seal(image, root.tree, epoch, kept)
        line = run(programs / 'firmware/init/postern-init', '--kernel-line', ROOT / 'boards', board).strip()
        rescue_line = line + f' printk.devkmsg=on postern.board={board}'
        line += f' printk.devkmsg=on postern.board={board} postern.roothash={root_hash} postern.hashoffset={offset}'
        banner = signer.banner()
        pieces = {'.osrel': loader_text(board, version, f'Postern {version}{banner}', 'postern').encode(),
                  '.cmdline': (line + f'{" postern.testkeys=1" if banner else ""}').encode() + b'\0',
                  '.initrd': initramfs, '.linux': linux.image.read_bytes()}
        uki.build(output / 'postern.efi', pieces, work)
        signer.sign(output / 'postern.efi')
        # The same kernel and first program, told to trust no slot. Its identity sorts it behind the slots.
        pieces['.osrel'] = loader_text(board, version, f'Postern {version} rescue{banner}', 'postern-rescue').encode()
        pieces['.cmdline'] = f'{rescue_line} postern.rescue=1'.encode() + b'\0'
        uki.build(output / 'rescue.efi', pieces, work)
        signer.sign(output / 'rescue.efi')
        loader = work / 'loader.efi'
        shutil.copyfile('/usr/lib/systemd/boot/efi/systemd-bootx64.efi', loader)
        signer.sign(loader)
        make_disk(output, layout, loader, root_hash, epoch, work)
    facts = {'version': version, 'board': board, 'architecture': 'x86_64', 'commit': commit, 'root_hash': root_hash,
             'test_keys': bool(banner), 'kernel': linux.version, 'command_line': line}
    for name in ('root.img', 'postern.efi', 'disk.img'):
        with open(output / name, 'rb') as file:
            facts[name] = {'bytes': os.path.getsize(output / name), 'sha256': hashlib.file_digest(file, 'sha256').hexdigest()}
    (output / 'image.json').write_text(json.dumps(facts, indent=1) + '\n')
    say(f'{output}/disk.img: root {facts["root.img"]["bytes"] / 1e6:.1f} MB, kernel and initramfs {facts["postern.efi"]["bytes"] / 1e6:.1f} MB')
    if banner:
        say('SIGNED WITH TEST KEYS made by this build; for a box of yours give --keys DIR with db.key and db.crt')


def make_disk(output, layout, loader, seed, epoch, work):
    uki_file = output / 'postern.efi'
    entries = {layout['esp']['loader']: loader,
               # The menu is hidden: people meet the box on its console, not on the loader's.
               layout['esp']['loader_configuration']: b'timeout 0\neditor no\nauto-entries no\n',
               layout['esp']['rescue']: output / 'rescue.efi',
               layout['esp']['untried'].replace('<number>', '2').replace('<slot>', 'a'): uki_file,
               layout['esp']['untried'].replace('<number>', '1').replace('<slot>', 'b'): uki_file}
    esp = work / 'esp.img'
    megabytes = next(p['megabytes'] for p in layout['partition'] if p['name'] == 'esp')
    disk.make_esp(esp, megabytes, entries, seed, epoch)
    disk.make_disk(output / 'disk.img', layout, {'esp': esp, 'root-a': output / 'root.img', 'root-b': output / 'root.img'}, seed)
