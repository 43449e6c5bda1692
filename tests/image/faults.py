"""What can break, and that the box comes back."""
import time

from tests.image.console import play
from tests.image.harness import check, long_test, test
from tests.image.stuck import stuck_core
from tools.lab.network import WAN4
from tools.lab.shell import wait_for

PANIC = 'Kernel panic - not syncing: dm-verity device corrupted'


@test
def a_corrupt_root_stops_its_slot_and_the_other_one_comes(bench):
    """A wrong block is a panic; with its last try gone the loader leaves the slot, and slot b starts and gets well."""
    guest = bench.guest()
    guest.rename_entry('postern-2-a+3.efi', 'postern-2-a+1-2.efi')
    guest.damage('root-a', 0, 4096)
    guest.start()
    guest.console(PANIC)
    check('slot b' not in guest.text(), 'slot b before its time')
    guest.expect('slot b on /dev/vda3, root verified')
    guest.expect('slot b is good')
    guest.expect_entry('postern-1-b.efi')
    check('postern-2-a+0-3.efi' in guest.entries(), f'entries: {guest.entries()}')


@long_test
def a_corrupt_root_has_three_tries(bench):
    guest = bench.guest()
    guest.damage('root-a', 0, 4096)
    guest.start()
    for _ in range(3):
        guest.console(PANIC)
        check('slot b' not in guest.text(), 'slot b before its time')
    guest.expect('slot b on /dev/vda3, root verified')
    guest.expect('slot b is good')


@long_test
def a_block_that_rots_in_a_running_box_ends_the_start(bench):
    """Every block behind the first is wrong: verity panics when one is read, the kernel starts again."""
    guest = bench.guest()
    guest.rename_entry('postern-2-a+3.efi', 'postern-2-a+1-2.efi')
    for mib in range(1, 16):
        guest.damage('root-a', mib << 20, 4096 * 8)
    guest.start()
    guest.console(PANIC)
    guest.expect('slot b on /dev/vda3')
    guest.expect('slot b is good')


@long_test
def a_slot_that_was_good_and_rots_gets_its_counter_back(bench):
    """Its name has no counter, so the loader would start it for ever: the first program counts, and gives it one."""
    guest = bench.guest().start()
    guest.expect('slot a is good')
    guest.expect_entry('postern-2-a.efi')
    guest.stop()
    guest.damage('root-a', 0, 4096)
    guest.start()
    for _ in range(3):
        guest.console(PANIC)
    guest.expect('slot a counts again: 0 tries left')
    guest.expect('slot b is good')


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
            wait_for(lambda: guest.entries() != before, 300, f'count of the loader ({what})', step=1)
            if 'slot b on' in guest.text():
                break
            guest.stop()
        if guest.machine.process is None:
            guest.start()
        guest.expect('slot b on /dev/vda3')
        guest.stop()


@long_test
def a_damaged_or_cut_uki_costs_no_power_cycle_once_the_box_was_well(bench):
    """One power-on counts the image down and takes the other: a damaged kernel crashes into the next start, and of a cut one the
    firmware comes back to the loader by the entries that the box gave it."""
    data = bytearray((bench.image / 'postern.efi').read_bytes())
    at = data.find(b'HdrS') + 200_000
    data[at:at + 65536] = bytes(65536)
    for what in (bytes(data), bytes(data[:len(data) // 3])):
        guest = bench.guest().start()
        guest.expect('slot a is good')
        guest.expect('the firmware comes back to the loader')
        guest.stop()
        guest.esp('mdel', '::/EFI/Linux/postern-2-a.efi')
        guest.esp('mcopy', '-o', '-', '::/EFI/Linux/postern-2-a+3.efi', data=what)
        guest.options['variables'] = guest.directory / 'start1/variables.fd'
        guest.start()
        guest.expect('slot b on /dev/vda3')
        guest.expect('slot b is good')
        guest.stop()


# What a test puts into the command line goes over words of it that the test can do without.
SPARE = b'isolcpus=managed_irq,domain,1'


def with_words(guest, name, words):
    data = guest.bench.image.joinpath('postern.efi').read_bytes()
    check(data.count(SPARE) == 1 and len(words) <= len(SPARE), 'the command line is not as this test knows it')
    guest.esp('mcopy', '-o', '-', f'::/EFI/Linux/{name}', data=data.replace(SPARE, words.ljust(len(SPARE))))


@long_test
def a_slot_that_does_not_reach_the_health_gate_gives_way(bench):
    """A port is missing, so the data plane cannot run: each start ends at the gate, and the loader goes on to the next."""
    guest = bench.guest(missing=('lan',))
    with_words(guest, 'postern-2-a+3.efi', b'postern.gate=20')
    guest.start()
    for _ in range(3):
        guest.expect('slot a on /dev/vda2')
        guest.expect('HEALTH GATE FAILED')
    guest.expect('slot b on /dev/vda3')


@long_test
def neither_slot_starts_and_the_rescue_system_brings_one_back(bench):
    """Both roots are damaged; the menu on the serial line gives slot b its tries back."""
    guest = bench.guest()
    guest.rename_entry('postern-2-a+3.efi', 'postern-2-a+1-2.efi')
    guest.rename_entry('postern-1-b+3.efi', 'postern-1-b+1-2.efi')
    guest.damage('root-a', 0, 4096)
    guest.damage('root-b', 0, 4096)
    guest.start()
    guest.console('POSTERN RESCUE SYSTEM', 1200)
    guest.console('slot a: bad')
    guest.console('slot b: bad')
    guest.damage('root-b', 0, 4096)
    guest.machine.send('b\r')
    guest.console('Done')
    guest.machine.send('r\r')
    guest.expect('slot b on /dev/vda3')
    guest.expect('slot b is good')


@long_test
def another_machine_is_told_that_the_board_is_wrong(bench):
    guest = bench.guest(more=('-smbios', 'type=1,manufacturer=Somebody,product=Else'))
    guest.start()
    guest.expect('WRONG BOARD.*Somebody')
    guest.expect('slot a is good')


@long_test
def a_guest_without_an_iommu_says_so_and_carries_on(bench):
    """uio_pci_generic instead of vfio-pci, told in capital letters; the data plane runs all the same."""
    guest = bench.guest(iommu=False)
    guest.start()
    guest.expect('PORT wan .* WITHOUT AN IOMMU')
    guest.expect('slot a is good')


@long_test
def without_an_iommu_and_with_a_locked_kernel_ports_go_through_the_kernel(bench):
    """Neither vfio-pci nor uio_pci_generic can be had: af_xdp on the kernel's driver, told in capital letters."""
    guest = bench.guest(iommu=False)
    with_words(guest, 'postern-2-a+3.efi', b'lockdown=integrity')
    guest.start()
    guest.expect("PORT wan .* GOES THROUGH THE KERNEL'S DRIVER")
    guest.expect('slot a is good')


@long_test
def a_core_that_stands_still_starves_the_watchdog(bench):
    """The host stops the thread of the packet core: nobody feeds any more, and the watchdog starts the box again. Who is the first
    to stand, init that sees it or a kernel that waits for the dead core, is the machine's luck."""
    guest = bench.guest().start()
    guest.expect('slot a is good')
    with stuck_core(guest.machine, 1):
        guest.machine.event('WATCHDOG', 600)
        bench.note('init saw it' if 'a packet core stands still' in guest.text() else 'the kernel stood too')
    guest.expect('THIS START CAME FROM THE WATCHDOG')
    guest.expect('slot a is good')


@long_test
def factory_reset_keeps_the_serial_line(bench):
    """Everything is forgotten, the password too, and the box is met on its console as on its first day."""
    guest = bench.guest().start()
    guest.expect('slot a is good')
    play(guest, 'first_login')
    play(guest, 'erase')
    guest.expect('asked for: factory-reset')
    guest.expect('data partition made and open')
    guest.seen['console'] = guest.text('console').rindex('RECOVERY KEY')
    guest.console('Press Enter to begin:')
    guest.expect('slot a is good')


@long_test
def a_full_data_partition_refuses_mail_and_takes_it_again_when_there_is_room(bench):
    """192 MB of data, of which 64 are kept free; the office is away until the box says no, then it takes what waits."""
    outside = bench.outside
    guest = outside.guest(bench)
    guest.resize_data(192)
    guest.start()
    guest.expect('slot a is good')
    wait_for(outside.greeted, 600, 'greeting', step=0.5)
    outside.office.stop()
    taken, body = [], b'x' * 70 + b'\r\n'
    try:
        for number in range(120):
            sent, answer = outside.send(f'full-{number}', 'alice@example.org', options=['--server', WAN4, '--tls'], body=body * 40000)
            if answer.code != 250:
                break
            taken.append(sent)
        check(answer.code in (421, 431, 451, 452) and taken, f'{len(taken)} taken, then {answer}')
        bench.note(f'{len(taken)} messages of 2.9 MB, then {answer.code}')
    finally:
        outside.office.start()
    wait_for(lambda: all(outside.arrived(one) for one in taken), 900, 'arrival of what was taken', step=2)

    def again():
        return outside.send(f'full-again-{time.monotonic_ns()}', 'alice@example.org', options=['--server', WAN4, '--tls'])[1].code == 250
    wait_for(again, 300, 'the box to take mail again', step=2)
