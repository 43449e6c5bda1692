"""A box starts, for the first time and again."""
from tests.image.harness import check, long_test


@long_test
def two_builds_of_one_commit_are_equal_to_the_bit(bench):
    """Root, UKI and the whole disk."""
    from image.builder import build
    from tests.image.harness import BOARD, BUILD
    again = bench.place.path('again')
    build.build(BOARD, BUILD, again)
    for name in ('root.img', 'postern.efi', 'disk.img', 'sbom.json', 'image.json'):
        check((again / name).read_bytes() == (bench.image / name).read_bytes(), f'{name} differs')


@long_test
def a_second_start_finds_its_data_again(bench):
    """Nothing is made new, and the slot that was marked good is started without a counter."""
    guest = bench.guest().start()
    guest.expect('data partition made and open')
    guest.expect('slot a is good')
    guest.machine.command('system_powerdown')
    guest.stop()
    guest.start()
    guest.expect('data partition open', never='made new|made and open')
    guest.expect('slot a is good')
    check('postern-2-a.efi' in guest.entries(), f'entries: {guest.entries()}')
