"""The data partition: sealed to the TPM, opened with the recovery key, forgotten."""
import re

from image.builder.qemu import SoftTpm
from tests.image.harness import check, long_test


@long_test
def with_a_tpm_the_key_is_sealed_and_a_cleared_one_asks_for_the_recovery_key(bench):
    chip = SoftTpm(bench.place.path('tpm'))
    bench.place.defer(chip.stop)
    guest = bench.guest(tpm=chip.start())
    guest.start()
    recovery = guest.console('RECOVERY KEY[^:]*: ([a-z2-9-]{55})').group(1)
    guest.expect('data partition made and open')
    check('sealed to the TPM' in guest.text() and 'NO TPM' not in guest.text(), 'the key is not in the TPM')
    guest.expect('slot a is good')
    guest.stop()

    guest.options['tpm'] = chip.start()
    guest.start()
    guest.expect('data partition open', never='CLOSED|made new')
    check('RECOVERY KEY' not in guest.text('console'), 'the recovery key is shown again')
    guest.stop()

    chip.stop()
    chip.clear()
    guest.options['tpm'] = chip.start()
    guest.start()
    guest.expect('THE DATA PARTITION IS CLOSED')
    guest.console('Type its recovery key')
    guest.machine.send('not-the-key\r')
    guest.console('That is not the recovery key')
    guest.machine.send(recovery + '\r')
    guest.expect('opens its data by itself again')
    guest.expect('slot a is good')
    guest.stop()

    guest.options['tpm'] = chip.start()
    guest.start()
    guest.expect('data partition open', never='CLOSED')


@long_test
def a_box_without_its_tpm_can_be_made_to_forget(bench):
    """The TPM is gone: no data, no silent new start; after the words the box begins anew and is met on its console."""
    chip = SoftTpm(bench.place.path('tpm2'))
    bench.place.defer(chip.stop)
    guest = bench.guest(tpm=chip.start())
    guest.start()
    first = guest.console('RECOVERY KEY[^:]*: ([a-z2-9-]{55})').group(1)
    guest.expect('data partition made and open')
    guest.stop()
    guest.options['tpm'] = None
    guest.start()
    guest.expect('THE DATA PARTITION IS CLOSED', never='data partition open')
    guest.console('FORGET EVERYTHING to begin anew')
    guest.machine.send('FORGET EVERYTHING\r')
    guest.console('Forgotten')
    second = guest.console('RECOVERY KEY[^:]*: ([a-z2-9-]{55})').group(1)
    check(re.fullmatch(r'[a-z2-9-]+', second) and second != first, 'the recovery key is the old one')
    guest.expect('data partition made and open')
