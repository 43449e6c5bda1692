"""What can break, and that the box comes back."""
import time

from tests.image.harness import check, long_test, test


@test
def a_corrupt_root_stops_its_slot_and_the_other_one_comes(bench):
    """A wrong block is a panic; the loader counts to nought, slot b starts and carries on."""
    guest = bench.guest()
    guest.damage('root-a', 0, 4096)
    guest.start()
    for _ in range(3):
        guest.expect('Kernel panic - not syncing: dm-verity device corrupted')
        check('slot b' not in guest.text(), 'slot b before its time')
    guest.expect('slot b on /dev/vda3, root verified')
    guest.expect('slot b is good')
    check('postern-2-a+0-3.efi' in guest.entries() and 'postern-1-b.efi' in guest.entries(), f'entries: {guest.entries()}')


@long_test
def a_block_that_rots_in_a_running_box_ends_the_start(bench):
    """Every block behind the first is wrong: verity panics when one is read, the kernel starts again."""
    guest = bench.guest()
    for mib in range(1, 16):
        guest.damage('root-a', mib << 20, 4096 * 8)
    guest.start()
    guest.expect('Kernel panic - not syncing: dm-verity device corrupted')
    guest.expect('slot b on /dev/vda3', 600)
    guest.expect('slot b is good')


@long_test
def a_slot_that_was_good_and_rots_gets_its_counter_back(bench):
    """Its name has no counter, so the loader would start it for ever: the first program counts, and gives it one."""
    guest = bench.guest().start()
    guest.expect('slot a is good')
    guest.stop()
    guest.damage('root-a', 0, 4096)
    guest.start()
    for _ in range(3):
        guest.expect('Kernel panic - not syncing: dm-verity device corrupted')
    guest.expect('slot a counts again: 0 tries left')
    guest.expect('slot b is good', 600)


@long_test
def a_damaged_or_cut_uki_counts_down_and_the_next_power_on_takes_the_other(bench):
    for what in ('damaged', 'cut'):
        guest = bench.guest()
        data = bytearray((bench.image / 'postern.efi').read_bytes())
        at = data.find(b'HdrS') + 200_000
        data[at:at + 65536] = bytes(65536)
        guest.esp('mcopy', '-o', '-', '::/EFI/Linux/postern-2-a+3.efi', data=bytes(data) if what == 'damaged' else bytes(data[:len(data) // 3]))
        for _ in range(3):
            if any('postern-2-a+0' in name for name in guest.entries()):
                break
            before = guest.entries()
            guest.start()
            end = time.monotonic() + 240
            while guest.entries() == before and time.monotonic() < end:
                time.sleep(1)
            check(guest.entries() != before, f'{what}: the loader did not count')
            if 'slot b on' in guest.text():
                break
            guest.stop()
        if guest.machine.process is None:
            guest.start()
        guest.expect('slot b on /dev/vda3', 300)
        guest.stop()


def shorten_gate(guest, name):
    """Twenty seconds instead of five minutes, written over words of the command line that this test can do without."""
    data = guest.bench.image.joinpath('postern.efi').read_bytes()
    old = b'isolcpus=managed_irq,domain,1'
    check(data.count(old) == 1, 'the command line is not as this test knows it')
    guest.esp('mcopy', '-o', '-', f'::/EFI/Linux/{name}', data=data.replace(old, b'postern.gate=20'.ljust(len(old))))


@long_test
def a_slot_that_does_not_reach_the_health_gate_gives_way(bench):
    """A port is missing, so the data plane cannot run: each start ends at the gate, and the loader goes on to the next."""
    guest = bench.guest(missing=('lan',))
    shorten_gate(guest, 'postern-2-a+3.efi')
    guest.start()
    for _ in range(3):
        guest.expect('slot a on /dev/vda2', 400)
        guest.expect('HEALTH GATE FAILED', 400)
    guest.expect('slot b on /dev/vda3', 400)


@long_test
def neither_slot_starts_and_the_rescue_system_brings_one_back(bench):
    """Both roots are damaged; the menu on the serial line gives slot b its tries back."""
    guest = bench.guest()
    guest.damage('root-a', 0, 4096)
    guest.damage('root-b', 0, 4096)
    guest.start()
    guest.expect('POSTERN RESCUE SYSTEM', 1200)
    guest.expect('slot a: bad')
    guest.expect('slot b: bad')
    guest.damage('root-b', 0, 4096)
    guest.machine.send('b\r')
    guest.expect('Done')
    guest.machine.send('r\r')
    guest.expect('slot b on /dev/vda3', 400)
    guest.expect('slot b is good', 400)


@long_test
def another_machine_is_told_that_the_board_is_wrong(bench):
    guest = bench.guest(more=('-smbios', 'type=1,manufacturer=Somebody,product=Else'))
    guest.start()
    guest.expect('WRONG BOARD.*Somebody')


@long_test
def a_guest_without_an_iommu_says_so_and_carries_on(bench):
    """uio_pci_generic instead of vfio-pci, told in capital letters; the data plane runs all the same."""
    guest = bench.guest(iommu=False)
    guest.start()
    guest.expect('PORT wan .* WITHOUT AN IOMMU')
    guest.expect('slot a is good')
