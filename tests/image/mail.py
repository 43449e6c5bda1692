"""Mail through the guest's DPDK ports, to and from Postfix outside; the console and the web admin of the same box."""
import time

from tests.image.console import play
from tests.image.harness import check, test
from tests.image.network import MANAGED
from tools.lab.network import WAN4, WAN6
from tools.lab.shell import wait_for

TLS4, TLS6 = ['--server', WAN4, '--tls'], ['--server', WAN6, '--tls']


@test
def a_fresh_box_is_met_carries_mail_and_marks_its_slot_good(bench):
    """First start, with settings from the medium: login on the serial line, web admin, mail both ways with STARTTLS from and to real
    Postfix, DANE held and a wrong TLSA refused, and the slot good only then."""
    outside = bench.outside
    guest = outside.guest(bench)
    began = time.monotonic()
    guest.start()
    guest.expect('watchdog armed')
    guest.expect('slot a on /dev/vda2, root verified')
    for name in ('wan', 'lan'):
        guest.expect(f'port {name} .*vfio-pci behind the IOMMU')
    guest.expect('NO TPM')
    guest.expect('data partition made and open')
    check('postern-2-a+2-1.efi' in guest.entries(), f'the slot is good before its time: {guest.entries()}')
    guest.console('Press Enter to begin:')
    bench.note(f'login {time.monotonic() - began:.0f} s')
    wait_for(outside.greeted, 600, 'greeting from the guest', step=0.5)
    first, answer = outside.send('image-swaks', 'alice@example.org', options=TLS4)
    check(answer.code == 250 and answer.tls.startswith('TLS'), f'{first.name}: {answer}')
    bench.note(f'first mail accepted {time.monotonic() - began:.0f} s')
    second, answer = outside.send('image-swaks6', 'bob@example.org', options=[*TLS6, '-6'])
    check(answer.code == 250 and answer.tls.startswith('TLS'), f'{second.name}: {answer}')
    third, _ = outside.send('image-postfix', 'pf4@example.org', 'postfix', hops=1)
    wait_for(lambda: all(outside.arrived(one) for one in (first, second, third)), 300, 'three messages at the office', step=0.5)
    check(not (wrong := [why for one in (first, second, third) if (why := outside.fault_of(one))]), f'{wrong}')
    refused = outside.send_out('image', ['dane-311-wrong'])
    check(not (wrong := outside.wait_out(outside.send_out('image', ['dane-311', 'plain']))), f'{wrong}')
    check(not outside.world.mailbox.scan().get((refused[0].name, refused[0].recipient)), 'mail went past a TLSA record that does not match')
    guest.expect('slot a is good: a message went through the data plane')
    bench.note(f'good {time.monotonic() - began:.0f} s')
    used, whole, huge = guest.expect(r'memory: (\d+) MB of (\d+) in use, (\d+) of these').groups()
    bench.note(f'memory {used} of {whole} MB, {huge} for packets')
    guest.expect_entry('postern-2-a.efi')
    wait_for(lambda: outside.web_answers(bench.pages), 300, 'web admin', step=1)
    play(guest, 'first_login')
    play(guest, 'banner', {'version': bench.facts['version'], 'address': MANAGED})
