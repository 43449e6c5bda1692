"""Updates of a running box from a USB stick, by its console: what is refused, and the way from slot a to slot b and on."""
import time

from image.builder import build, signing
from image.builder.shell import run
from tests.image.console import Line
from tests.image.harness import BOARD, BUILD, check, long_test
from tools.lab.network import WAN4
from tools.lab.shell import wait_for

BUNDLE = BUILD / 'tools/bundle/postern-bundle'
NEWER = '99.1'
TLS4 = ['--server', WAN4, '--tls']


def newer_image(bench):
    """The same tree as another version: made once."""
    place = bench.place.path('newer')
    if not (place / 'image.json').exists():
        build.build(BOARD, BUILD, place, version=NEWER)
    return place


def make_bundle(bench, name, image, *words, key=None, board=BOARD):
    file = bench.place.path('bundles') / f'{name}.bundle'
    run(BUNDLE, 'make', '--key', key or signing.CACHE / 'test-keys/test-update.key', '--board', board, '--image', image, '--out', file, *words)
    return file


def make_stick(bench, name, files):
    """A USB stick as people have them: FAT, without a partition table."""
    stick = bench.place.path('sticks') / f'{name}.img'
    with open(stick, 'wb') as file:
        file.truncate(256 << 20)
    run('mkfs.fat', '-F', '32', stick)
    for path in files:
        run('mcopy', '-i', stick, path, f'::/{path.name}')
    return ('-device', 'qemu-xhci,addr=0x6', '-drive', f'if=none,id=stick,format=raw,file={stick}', '-device', 'usb-storage,drive=stick')


def all_bundles(bench):
    """The good one, the difference, and one of each kind that a box has to refuse."""
    image, other = newer_image(bench), bench.place.path('bundles') / 'stranger'
    if not other.with_suffix('.key').exists():
        run(BUNDLE, 'key', other, '--owner', 'Somebody else')
    good = make_bundle(bench, 'good', image, '--floor', NEWER)
    damaged = good.with_name('damaged.bundle')
    data = bytearray(good.read_bytes())
    data[len(data) // 2] ^= 1
    damaged.write_bytes(data)
    cut = good.with_name('cut.bundle')
    cut.write_bytes(data[:len(data) // 3])
    return {'good': good, 'damaged': damaged, 'cut': cut,
            'stranger': make_bundle(bench, 'stranger', image, key=other.with_suffix('.key')),
            'older': make_bundle(bench, 'older', bench.image, '--version', '0.0.1'),
            'elsewhere': make_bundle(bench, 'elsewhere', image, board='pcengines-apu2'),
            'difference': make_bundle(bench, 'difference', image, '--base', bench.image / 'root.img', '--base-version', bench.facts['version'])}


REFUSED = {'stranger': 'not from a key that this box trusts', 'older': 'is older than', 'elsewhere': 'for another board',
           'damaged': 'error', 'cut': 'error'}


def log_in(guest, line=None):
    """The command line, as whoever stands at a box on which no password is set; `line`: the same one after a restart."""
    line = line or Line(guest)
    line.expect('Press Enter to begin:')
    line.send('\r')
    line.expect('choice:')
    line.send('0\r')
    line.expect('admin@')
    return line


def ask_update(line, source):
    line.send(f'request system update {source}\r')
    line.expect('Really?')
    line.send('yes\r')


@long_test
def what_is_not_for_this_box_is_refused_and_nothing_changes(bench):
    """A stranger's signature, an older version, another board, a damaged and a cut bundle, and no bundle of that name."""
    bundles = all_bundles(bench)
    guest = bench.guest(more=make_stick(bench, 'refused', [bundles[name] for name in REFUSED])).start()
    guest.expect('slot a is good')
    before = guest.entries()
    line = log_in(guest)
    for name, why in REFUSED.items():
        ask_update(line, f'usb:{name}.bundle')
        told = guest.expect(r'update: (.*)').group(1)
        check('"error"' in told and why in told, f'{name}: {told}')
    ask_update(line, 'usb:nothing.bundle')
    guest.expect('update: .*there is no nothing.bundle on the medium')
    check([name for name in before if '-a' in name] == [name for name in guest.entries() if '-a' in name], f'{before} became {guest.entries()}')


@long_test
def an_update_leads_to_the_other_slot_and_the_queue_comes_along(bench):
    """Mail before it, mail that waits while it happens, mail after it; then nothing older is taken any more, and back by hand."""
    outside, bundles = bench.outside, all_bundles(bench)
    guest = outside.guest(bench, more=make_stick(bench, 'good', [bundles['good'], bundles['older']])).start()
    guest.expect('slot a is good')
    wait_for(outside.greeted, 600, 'greeting from slot a', step=0.5)
    before, answer = outside.send('update-before', 'alice@example.org', options=TLS4)
    check(answer.code == 250, f'{answer}')
    wait_for(lambda: outside.arrived(before), 300, 'the message before', step=0.5)
    outside.office.stop()
    try:
        waiting, answer = outside.send('update-waiting', 'bob@example.org', options=TLS4)
        check(answer.code == 250, f'{answer}')
        line = log_in(guest)
        began = time.monotonic()
        ask_update(line, 'usb:good.bundle')
        told = guest.expect(r'update: (.*)').group(1)
        check(f'"version":"{NEWER}"' in told, told)
        bench.note(f'written and read back {time.monotonic() - began:.0f} s')
        guest.expect('asked for: reboot')
        guest.expect('slot b on /dev/vda3, root verified')
        guest.expect('data partition open', never='made new|made and open')
        guest.expect('slot b is good')
        bench.note(f'on the new version and good {time.monotonic() - began:.0f} s')
    finally:
        outside.office.start()
    wait_for(lambda: outside.arrived(waiting), 300, 'the message that waited', step=0.5)
    wait_for(outside.greeted, 600, 'greeting from slot b', step=0.5)
    after, answer = outside.send('update-after', 'carol@example.org', options=TLS4)
    check(answer.code == 250, f'{answer}')
    wait_for(lambda: outside.arrived(after), 300, 'the message after', step=0.5)
    check(not (wrong := [why for one in (before, waiting, after) if (why := outside.fault_of(one))]), f'{wrong}')
    guest.expect_entry('postern-3-b.efi')
    check('postern-2-a.efi' in guest.entries(), f'the old slot is gone: {guest.entries()}')
    log_in(guest, line)
    ask_update(line, 'usb:older.bundle')
    guest.expect('update: .*older than')
    line.send('request system switch-slot\r')
    line.expect('Really?')
    line.send('yes\r')
    guest.expect('slot a on /dev/vda2')
    guest.expect('slot a is good')


@long_test
def a_difference_is_enough_for_a_box_that_runs_its_base(bench):
    bundles = all_bundles(bench)
    guest = bench.guest(more=make_stick(bench, 'difference', [bundles['difference']])).start()
    guest.expect('slot a is good')
    ask_update(log_in(guest), 'usb')
    guest.expect(f'update: .*"version":"{NEWER}"')
    guest.expect('slot b on /dev/vda3')
    guest.expect('slot b is good')
    sizes = [bundles[name].stat().st_size / 1e6 for name in ('good', 'difference')]
    bench.note(f'whole bundle {sizes[0]:.1f} MB, difference {sizes[1]:.1f} MB')
