"""Our TCP over other ports and narrower paths: two hosts of ours over shared memory, routers with small MTUs, black holes."""
import os
import zlib

from tests.lab.harness import check, test
from tests.lab.tcp_wire import OURS4, OURS6, PEER4, PEER6, TcpHost, Wire, download, pattern, upload
from tools.lab.shell import run

FAR4, FAR6 = '198.51.100.9', '2001:db8:f::9'


@test
def tcp_speaks_with_itself_over_memif(bench):
    """Two processes, no kernel between them, a bad line on one side: bulk both ways and many at once."""
    with Wire(bench.place) as wire:
        path = wire.place.path('memif') / 'socket'
        memif = f'net_memif0,role={{}},id=0,socket={path},socket-abstract=no'
        bad = ['--loss', '0.5%', '--reorder', '2%', '--corrupt', '0.3%', '--dup', '1%', '--delay', '500us', '--slots', '8192']
        for deed, port, count in (('send:3000000', 5001, 1), ('source:3000000', 5002, 1), ('echo:20000', 7, 40), ('rr:500:100:2000', 5000, 4)):
            with TcpHost(wire, wire.ours, ['--ip', f'{OURS4}/24', '--serve', 'echo:7,digest:5001,source:5002,rr:5000', '--mac', '02:00:00:00:00:02'],
                         memif.format('server'), None, ready=True), \
                    TcpHost(wire, wire.peer, ['--ip', f'{PEER4}/24', '--mac', '02:00:00:00:00:01', *bad, '--connect', f'{OURS4}:{port}',
                                              '--do', deed, '--count', str(count)], memif.format('client'), None, ready=True) as client:
                status, report = client.finish()
                check(status == 0, f'{deed}: {report.get("client")} {report["stderr"]}')
                if deed.startswith('rr'):
                    bench.note(f'rr p99 {report["client"]["round_trip_p99_us"]} us with half a millisecond each way')


class FarWire(Wire):
    """Behind the peer, which forwards, a further host; the link to it is narrow."""

    def __init__(self, place, mtu):
        super().__init__(place)
        self.far = f'{place.name}-tcp-far'
        run('ip', 'netns', 'add', self.far)
        self.stack.callback(run, 'ip', 'netns', 'del', self.far, check=False)
        run('ip', '-n', self.peer, 'link', 'add', 'eth1', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', self.far)
        run(*self.inside(self.peer, 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'))
        for name, interface, addresses in ((self.peer, 'eth1', ('198.51.100.1/24', '2001:db8:f::1/64')), (self.far, 'eth0', (f'{FAR4}/24', f'{FAR6}/64'))):
            for address in addresses:
                run('ip', '-n', name, 'addr', 'add', address, 'dev', interface, *(['nodad'] if ':' in address else []))
            run('ip', '-n', name, 'link', 'set', interface, 'mtu', mtu, 'up')
        run(*self.inside(self.far, 'ethtool', '-K', 'eth0', 'tx', 'off', 'tso', 'off', 'gso', 'off', 'gro', 'off'))
        run(*self.inside(self.peer, 'ethtool', '-K', 'eth1', 'tx', 'off', 'tso', 'off', 'gso', 'off', 'gro', 'off'))
        # The far host thinks its path is wide, so that only the router's word makes our segments smaller.
        for family, gateway in (('-4', '198.51.100.1'), ('-6', '2001:db8:f::1')):
            run('ip', '-n', self.far, family, 'route', 'add', 'default', 'via', gateway, 'advmss', '1440')

    def connect_far(self, port, family):
        was, self.peer = self.peer, self.far
        try:
            return self.connect(port, family)
        finally:
            self.peer = was


def routes():
    return ['--route', f'0.0.0.0/0,{PEER4}', '--route', f'::/0,{PEER6}']


@test
def tcp_fits_a_narrow_path(bench):
    """A router says the packet is too big (RFC 1191, 8201): everything arrives, in smaller segments."""
    for mtu in (1400, 1280):
        with FarWire(bench.place, mtu) as wire, wire.host(*routes()) as host:
            for family in (4, 6):
                check(download(wire.connect_far('source', family), 500_000) == pattern(500_000), f'IPv{family} over {mtu}')
                data = os.urandom(200_000)
                check(upload(wire.connect_far('digest', family), data) == (zlib.crc32(data), len(data)), f'IPv{family} towards us')
            counted = host.counters()
            check(counted['tcp']['path_mtu_reduced'] >= 2 and counted['net']['icmp_errors_in'] >= 2, f'{counted["tcp"]["path_mtu_reduced"]} reductions')
            check(counted['served']['broken'] == 0, 'none broke')


@test
def tcp_gets_through_a_black_hole(bench):
    """The router drops what is too big and says nothing (RFC 8899): smaller segments are tried until they pass."""
    with FarWire(bench.place, 1300) as wire, wire.host(*routes()) as host:
        run(*wire.inside(wire.peer, 'nft', 'add', 'table', 'inet', 'mute'))
        run(*wire.inside(wire.peer, 'nft', 'add', 'chain', 'inet', 'mute', 'out', '{ type filter hook output priority 0; }'))
        run(*wire.inside(wire.peer, 'nft', 'add', 'rule', 'inet', 'mute', 'out', 'icmp', 'type', 'destination-unreachable', 'drop'))
        run(*wire.inside(wire.peer, 'nft', 'add', 'rule', 'inet', 'mute', 'out', 'icmpv6', 'type', 'packet-too-big', 'drop'))
        for family in (4, 6):
            check(download(wire.connect_far('source', family), 200_000) == pattern(200_000), f'IPv{family}')
        counted = host.counters()
        check(counted['net']['icmp_errors_in'] == 0, 'the router was silent')
        check(counted['tcp']['path_mtu_reduced'] >= 2, 'smaller segments were tried')
