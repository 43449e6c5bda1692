"""Our TCP against Linux's: every option on and off, three congestion controls, a bad line, both families, both directions."""
import os
import socket
import time
import zlib

from tests.lab.harness import check, test
from tests.lab.tcp_wire import PEER4, PEER6, SERVICES, KernelServer, Wire, download, echo, pattern, upload
from tools.lab.shell import run, wait_for

# Sysctls of Linux's TCP, one row a run; what is not named has Linux's default.
PRESET = {'timestamps': 1, 'sack': 1, 'window_scaling': 1, 'ecn': 2, 'mtu_probing': 0, 'dsack': 1}
SWEEP = [
    {}, {'timestamps': 0}, {'sack': 0}, {'window_scaling': 0}, {'ecn': 1}, {'ecn': 0}, {'mtu_probing': 2}, {'dsack': 0},
    {'timestamps': 0, 'sack': 0, 'window_scaling': 0, 'ecn': 0},
]
BAD_LINE = ['--loss', '0.5%', '--reorder', '2%', '--dup', '1%', '--corrupt', '0.3%', '--delay', '1ms', '--slots', '8192']


def exchange(wire, family, size):
    """One of each; the content is checked."""
    data = os.urandom(size)
    seen = upload(wire.connect('digest', family), data)
    check(seen == (zlib.crc32(data), size), f'uploaded {size}, the digest is of {seen[1]} bytes')
    got = download(wire.connect('source', family), size)
    check(got == pattern(size), f'asked for {size}, {len(got)} came' + (', changed' if len(got) == size else ''))
    check(echo(wire.connect('echo', family), data[:size // 4]) == data[:size // 4], 'the echo is what was sent')


def sweep(wire, controls, size):
    rounds = 0
    for number, row in enumerate(SWEEP):
        for control in controls if not row else controls[number % len(controls):][:1]:
            wire.sysctl(**(PRESET | row))
            wire.congestion_control = control
            for family in (4, 6):
                try:
                    exchange(wire, family, size)
                except (AssertionError, OSError, ValueError) as fault:
                    raise AssertionError(f'{row} {control} IPv{family}: {fault}') from fault
                rounds += 1
    return rounds


@test
def tcp_speaks_with_linux_with_every_option_on_and_off(bench):
    with Wire(bench.place) as wire, wire.host() as host:
        controls = wire.congestion_controls()
        rounds = sweep(wire, controls, bench.rounds(1_000_000, 20_000_000))
        counted = host.counters()
        check(counted['served']['open'] == 0 and counted['served']['broken'] == 0, f'{counted["served"]}')
        check(counted['memory']['chunks'] == 0, f'{counted["memory"]["chunks"]} chunks kept after the last byte')
        check(counted['tcp']['bad_checksum'] == 0 and counted['tcp']['malformed'] == 0, 'every segment was understood')
        bench.note(f'{rounds} rounds, {", ".join(controls)}, {counted["tcp"]["bytes_in"] >> 20} MB each way')


@test
def tcp_delivers_over_a_bad_line_with_every_option_on_and_off(bench):
    """Loss, reordering, duplicates, flipped bits and delay both ways, by the fault wrapper."""
    with Wire(bench.place) as wire, wire.host(*BAD_LINE) as host:
        rounds = sweep(wire, wire.congestion_controls(), bench.rounds(200_000, 4_000_000))
        counted = host.counters()
        faults = {key: counted['faults']['sent'][key] + counted['faults']['received'][key] for key in ('lost', 'reordered', 'corrupted')}
        check(all(faults.values()), f'the line was bad: {faults}')
        check(counted['tcp']['bad_checksum'] > 0, 'flipped bits were found')
        check(counted['served']['broken'] == 0, f'{counted["served"]}')
        bench.note(f'{rounds} rounds, {faults["lost"]} lost, {faults["reordered"]} reordered, {faults["corrupted"]} corrupted, '
                   f'{counted["tcp"]["retransmitted"]} sent again')


@test
def tcp_opens_connections_to_linux(bench):
    """Bulk both ways and 50 at once, over a bad line, IPv4 and IPv6."""
    with Wire(bench.place) as wire:
        for family, to in ((4, PEER4), (6, f'[{PEER6}]')):
            for kind, deed, count in (('digest', 'send:3000000', 1), ('source', 'source:3000000', 1), ('echo', 'echo:20000', 50)):
                with KernelServer(wire, kind, SERVICES[kind], family), \
                        wire.host(*BAD_LINE, '--dad', 'off', '--connect', f'{to}:{SERVICES[kind]}', '--do', deed, '--count', count) as host:
                    status, report = host.finish()
                    client = report['client']
                    check(status == 0 and client['finished'] == count, f'IPv{family} {deed}: {client} {report["stderr"]}')
                    if kind == 'digest':
                        wanted = f'{zlib.crc32(pattern(3000000)):08x} 3000000\n'
                        check(client['said'] == wanted, f'the kernel read {client["said"]!r}, not {wanted!r}')


@test
def tcp_waits_for_a_peer_that_does_not_read(bench):
    """A closed window is probed, memory stays bounded, and everything arrives once the peer reads."""
    with Wire(bench.place) as wire, wire.host() as host:
        connection = wire.connect('source', buffers=4096)
        connection.sendall(b'3000000\n')
        wait_for(lambda: host.counters()['tcp']['window_probes'] > 0, 30, 'a probe of the closed window')
        counted = host.counters()
        check(counted['memory']['chunks'] <= 256 * 1024 // 4096 + 2, f'{counted["memory"]["chunks"]} chunks wait')
        got = bytearray()
        while data := connection.recv(1 << 16):
            got += data
        connection.close()
        check(bytes(got) == pattern(3000000), f'{len(got)} bytes came')
        wait_for(lambda: host.counters()['memory']['chunks'] == 0, 30, 'memory given back')
        bench.note(f'{counted["tcp"]["window_probes"]} probes, {counted["memory"]["chunks"] * 4} KB waited')


@test
def tcp_does_not_read_faster_than_its_service(bench):
    """Echo to a peer that never reads: our window closes, the peer's writes stop, memory is two buffers."""
    with Wire(bench.place) as wire, wire.host() as host:
        connection = wire.connect('echo', buffers=4096)
        connection.settimeout(1.5)
        pushed = 0
        try:
            while pushed < 20_000_000:
                pushed += connection.send(bytes(65536))
        except OSError:
            pass
        counted = host.counters()
        check(pushed < 2_000_000, f'{pushed} bytes were taken')
        check(counted['memory']['chunks'] * 4096 <= 2 * 256 * 1024 + 65536, f'{counted["memory"]["chunks"]} chunks')
        connection.close()
        wait_for(lambda: host.counters()['memory']['chunks'] == 0, 60, 'memory given back')
        bench.note(f'{pushed >> 10} KB taken, {counted["memory"]["chunks"] * 4} KB held')


@test
def tcp_survives_a_pulled_cable(bench):
    """A second without a link: the transfer goes on. For good: the connection times out and is gone."""
    with Wire(bench.place) as wire, wire.host('--user-timeout', '8s') as host:

        connection = wire.connect('source')
        connection.sendall(b'40000000\n')
        got = len(connection.recv(65536))
        run('ip', '-n', wire.ours, 'link', 'set', 'port0', 'down')
        time.sleep(1)
        run('ip', '-n', wire.ours, 'link', 'set', 'port0', 'up')
        while data := connection.recv(1 << 18):
            got += len(data)
        check(got == 40_000_000, f'{got} bytes came')
        connection.close()
        stuck = wire.connect('chargen')
        stuck.recv(1000)
        run('ip', '-n', wire.ours, 'link', 'set', 'port0', 'down')
        wait_for(lambda: host.counters()['tcp']['timed_out'] == 1, 90, 'end of the connection')
        wait_for(lambda: host.counters()['memory']['chunks'] == 0, 30, 'memory given back')
        stuck.close()


@test
def tcp_answers_linux_as_linux_expects(bench):
    """No listener: refused at once. Reset: the service ends. Half-close: the other half goes on. No route back: quiet."""
    with Wire(bench.place) as wire, wire.host() as host:
        for family in (4, 6):
            try:
                wire.connect(81, family)
                raise AssertionError('port 81 took a connection')
            except ConnectionRefusedError:
                pass
        connection = wire.connect('chargen')
        connection.recv(10)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b'\1\0\0\0\0\0\0\0')
        connection.close()
        wait_for(lambda: host.counters()['tcp']['resets_in'] == 1, 60, 'the reset')
        wait_for(lambda: host.counters()['served']['open'] == 0, 60, 'end of the service')
        connection = wire.connect('source')
        connection.sendall(b'2000000\n')
        connection.shutdown(socket.SHUT_WR)
        check(len(b''.join(iter(lambda: connection.recv(1 << 18), b''))) == 2_000_000, 'all came after our FIN')
        connection.close()
        check(host.counters()['tcp']['resets_out'] == 2, 'two refusals and nothing else was reset')
