"""A box starts, for the first time and again."""
import shutil
import subprocess

from tests.image.harness import check, long_test, test


@test
def two_builds_of_one_commit_are_equal_to_the_bit(bench):
    """Root, UKI, rescue, the whole disk and the lists; the second one in a folder that holds nothing."""
    from image.builder import build
    from tests.image.harness import BOARD, BUILD
    again = bench.place.path('again')
    build.build(BOARD, BUILD, again)
    for name in ('root.img', 'postern.efi', 'rescue.efi', 'disk.img', 'sbom.json', 'image.json'):
        check((again / name).read_bytes() == (bench.image / name).read_bytes(), f'{name} differs')
    packed = bench.place.path('packed') / 'disk.img.zst'
    subprocess.run(['zstd', '-q', '-3', '--long=27', '-T0', '-f', bench.image / 'disk.img', '-o', packed], check=True)
    sizes = {'root': bench.facts['root.img']['bytes'], 'UKI': bench.facts['postern.efi']['bytes'], 'disk compressed': packed.stat().st_size}
    check(sizes['disk compressed'] < 64e6, f'the image is larger than 64 MB: {sizes}')
    bench.note(', '.join(f'{name} {size / 1e6:.1f} MB' for name, size in sizes.items()))
    shutil.rmtree(again)


@long_test
def a_second_start_finds_its_data_again(bench):
    """On a disk larger than the image data grows into the rest, once. Nothing is made new, and the slot that was marked good is started without a counter."""
    guest = bench.guest()
    with open(guest.disk, 'r+b') as file:
        file.truncate(3 << 30)
    guest.start()
    grown = int(guest.expect(r'data partition grown to (\d+) MB').group(1))
    check(grown > 2400, f'{grown} MB on a disk of 3072')
    guest.expect('data partition made and open')
    guest.expect('slot a is good')
    guest.expect_entry('postern-2-a.efi')
    guest.stop()
    guest.start()
    guest.expect('data partition open', never='made new|made and open|grown')
    guest.expect('slot a is good')
    check('postern-2-a.efi' in guest.entries(), f'entries: {guest.entries()}')
