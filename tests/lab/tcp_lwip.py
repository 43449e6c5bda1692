"""Our TCP against Debian's packaged lwIP: an independent peer that is not Linux."""
import contextlib
import subprocess
import zlib

from tests.lab.harness import Skip, check, test
from tests.lab.tcp_wire import OURS4, OURS6, PEER4, PEER6, SERVICES, Wire, pattern
from tools.lab.gateway import BUILD
from tools.lab.shell import end_process, run

PEER = BUILD / 'tests/lab/lwip_peer/lwip-peer'
BAD_LINE = ['--loss', '1%', '--reorder', '2%', '--dup', '1%', '--corrupt', '0.3%', '--delay', '500us', '--slots', '4096']


@contextlib.contextmanager
def lwip_wire(bench):
    """A wire whose peer's kernel has no address: lwIP has it."""
    if not PEER.exists():
        raise Skip('lwip-peer was not built: no liblwip-dev')
    with Wire(bench.place) as wire:
        run('ip', '-n', wire.peer, 'addr', 'flush', 'dev', 'eth0')
        run(*wire.inside(wire.peer, 'sysctl', '-qw', 'net.ipv6.conf.eth0.disable_ipv6=1'))
        yield wire


def errand(wire, ours, what, size):
    done = run(*wire.inside(wire.peer, PEER, 'eth0', PEER4, PEER6, ours, what, size), check=False, timeout=60)
    check(done.returncode == 0, f'{what} {size} to {ours}: {done.stdout.decode().strip()}')


@test
def tcp_serves_lwip(bench):
    """Bulk both ways, half-close and echo, IPv4 and IPv6, over a good line and a bad one."""
    size = bench.rounds(300_000, 5_000_000)
    with lwip_wire(bench) as wire:
        for line in ([], BAD_LINE):
            with wire.host(*line) as host:
                for ours in (OURS4, OURS6):
                    for what in ('digest', 'source', 'echo'):
                        errand(wire, ours, what, size if not line else size // 3)
                served = host.counters()['served']
                check(served['ended'] == 6 and served['broken'] == 0, f'{served}')


@test
def tcp_opens_connections_to_lwip(bench):
    size = bench.rounds(300_000, 5_000_000)
    with lwip_wire(bench) as wire:
        peer = subprocess.Popen(wire.inside(wire.peer, PEER, 'eth0', PEER4, PEER6, 'serve'), stdout=subprocess.PIPE, start_new_session=True)
        try:
            check(peer.stdout.readline() == b'ready\n', 'lwip-peer started')
            for line in ([], BAD_LINE):
                for to in (PEER4, f'[{PEER6}]'):
                    for service, deed in (('digest', f'send:{size}'), ('source', f'source:{size}'), ('echo', f'echo:{size // 3}')):
                        with wire.host(*line, '--dad', 'off', '--connect', f'{to}:{SERVICES[service]}', '--do', deed) as host:
                            status, report = host.finish()
                            check(status == 0, f'{deed} to {to}: {report.get("client")} {report["stderr"]}')
                            if service == 'digest':
                                check(report['client']['said'] == f'{zlib.crc32(pattern(size)):08x} {size}\n', report['client']['said'])
        finally:
            end_process(peer)
            peer.stdout.close()
