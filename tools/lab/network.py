"""Three namespaces and two wires.

What always holds: in the gateway's namespace the kernel has no address on wan0 and lan0, so every answer there is
the box's own (`give_kernel_addresses` is for peers that use the kernel's stack). Offloads are off on both ends of
each wire: else checksums are left open and frames are larger than the wire's MTU.
"""
import contextlib
import ctypes
import os
import pathlib
import re
import signal
import socket
import time

from tools.lab.shell import LabError, alive, run

WAN4, WAN6 = '192.0.2.25', '2001:db8:1::25'      # the box towards the internet
LAN4, LAN6 = '198.51.100.25', '2001:db8:2::25'   # the box towards the office
NET4, NET6 = '192.0.2.10', '2001:db8:1::10'      # a host in the internet
MANAGEMENT = ('100.64.0.1', '100.64.0.2')         # internet's end, the box's end
OFFICE4, OFFICE6 = '198.51.100.10', '2001:db8:2::10'
MORE4 = [f'192.0.2.{n}' for n in range(100, 132)]  # further hosts in the internet, for many connections

OFFLOADS = ['rx', 'tx', 'tso', 'gso', 'gro', 'sg']


def sweep():
    """Removes namespaces of runs that were killed before they could clean up."""
    for line in run('ip', 'netns', 'list').stdout.decode().splitlines():
        match = re.match(r'(pl(\d+)-(internet|gateway|office))\b', line)
        if match and not alive(int(match.group(2))):
            remove(match.group(1))


def pids(namespace):
    return [int(p) for p in run('ip', 'netns', 'pids', namespace, check=False).stdout.split()]


def remove(namespace):
    """Ends what still runs in a namespace of ours, then removes it."""
    for number, patience in ((signal.SIGTERM, 3), (signal.SIGKILL, 3)):
        for pid in pids(namespace):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        end = time.monotonic() + patience
        while pids(namespace) and time.monotonic() < end:
            time.sleep(0.05)
    run('ip', 'netns', 'del', namespace, check=False)


@contextlib.contextmanager
def entered(namespace):
    """This thread is in the namespace inside the block; sockets made there stay there."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open('/proc/thread-self/ns/net') as home, open(f'/run/netns/{namespace}') as there:
        if libc.setns(there.fileno(), 0) != 0:
            raise LabError(f'cannot enter {namespace}: {os.strerror(ctypes.get_errno())}')
        try:
            yield
        finally:
            libc.setns(home.fileno(), 0)


class Network:
    def __init__(self, place):
        self.place = place
        self.names = {room: f'{place.name}-{room}' for room in ('internet', 'gateway', 'office')}
        sweep()
        for name in self.names.values():
            run('ip', 'netns', 'add', name)
            place.defer(remove, name)
            self._quiet(name)
        self._wire('internet', 'wan0')
        self._wire('office', 'lan0')
        self._addresses('internet', 'eth0', [f'{NET4}/24', f'{NET6}/64'] + [f'{a}/24' for a in MORE4])
        self._addresses('office', 'eth0', [f'{OFFICE4}/24', f'{OFFICE6}/64'])

    def inside(self, room, *command):
        """The command line that runs `command` in a room."""
        return ['ip', 'netns', 'exec', self.names[room], *[str(c) for c in command]]

    def run(self, room, *command, **more):
        return run(*self.inside(room, *command), **more)

    def connect(self, room, address, port, timeout=10, source=None, buffers=0):
        """A connected socket that lives in a room; this process stays where it is."""
        family = socket.AF_INET6 if ':' in address else socket.AF_INET
        with entered(self.names[room]):
            made = socket.socket(family, socket.SOCK_STREAM)
        made.settimeout(timeout)
        if buffers:  # small ones, so that a window closes soon
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffers)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffers)
        try:
            if source:
                made.bind((source, 0))
            made.connect((address, port))
        except OSError:
            made.close()
            raise
        return made

    def give_kernel_addresses(self):
        for interface in ('wan0', 'lan0'):
            self.run('gateway', 'sysctl', '-qw', f'net.ipv6.conf.{interface}.disable_ipv6=0')
        self._addresses('gateway', 'wan0', [f'{WAN4}/24', f'{WAN6}/64'])
        self._addresses('gateway', 'lan0', [f'{LAN4}/24', f'{LAN6}/64'])

    def take_kernel_addresses(self):
        for interface in ('wan0', 'lan0'):
            run('ip', '-n', self.names['gateway'], 'addr', 'flush', 'dev', interface)
            self.run('gateway', 'sysctl', '-qw', f'net.ipv6.conf.{interface}.disable_ipv6=1')

    def management(self, *internet):
        """A wire of its own for the box's programs that use the kernel's stack (resolver), and the networks behind it
        in the internet, of which every address is a host there."""
        gateway, outside = self.names['gateway'], self.names['internet']
        run('ip', '-n', gateway, 'link', 'add', 'mgmt0', 'type', 'veth', 'peer', 'name', 'mgmt', 'netns', outside)
        for name, end, address in ((gateway, 'mgmt0', MANAGEMENT[1]), (outside, 'mgmt', MANAGEMENT[0])):
            run('ip', '-n', name, 'addr', 'add', f'{address}/30', 'dev', end)
            run('ip', '-n', name, 'link', 'set', end, 'up')
        run('ip', '-n', gateway, 'route', 'add', 'default', 'via', MANAGEMENT[0])
        self.run('internet', 'sysctl', '-qw', 'net.ipv6.ip_nonlocal_bind=1')
        for prefix in internet:
            run('ip', '-n', outside, 'route', 'add', 'local', prefix, 'dev', 'lo')

    def link(self, room, up):
        """Pulls or plugs a room's cable."""
        run('ip', '-n', self.names[room], 'link', 'set', 'eth0', 'up' if up else 'down')
        if up:  # the kernel forgets IPv6 addresses when a link goes down
            wanted = {'internet': f'{NET6}/64', 'office': f'{OFFICE6}/64'}[room]
            run('ip', '-n', self.names[room], 'addr', 'replace', wanted, 'dev', 'eth0', 'nodad')

    def interface_address(self, room, interface):
        """The hardware address of an interface in a room."""
        text = run('ip', '-n', self.names[room], '-o', 'link', 'show', interface).stdout.decode()
        return re.search(r'link/ether ([0-9a-f:]+)', text).group(1)

    def _quiet(self, name):
        run('ip', '-n', name, 'link', 'set', 'lo', 'up')
        settings = [f'net.ipv6.conf.{which}.{key}={value}' for which in ('all', 'default') for key, value in
                    (('autoconf', 0), ('accept_ra', 0), ('accept_dad', 0), ('dad_transmits', 0), ('router_solicitations', 0))]
        run('ip', 'netns', 'exec', name, 'sysctl', '-qw', *settings, 'net.ipv4.ip_local_port_range=10000 65000')

    def _wire(self, room, interface):
        """One veth pair: `interface` in the gateway, eth0 in the room."""
        ends = ((self.names['gateway'], interface), (self.names[room], 'eth0'))
        run('ip', '-n', ends[0][0], 'link', 'add', interface, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', ends[1][0])
        run('ip', 'netns', 'exec', ends[0][0], 'sysctl', '-qw', f'net.ipv6.conf.{interface}.disable_ipv6=1')
        for name, end in ends:
            switches = [word for feature in OFFLOADS for word in (feature, 'off')]
            run('ip', 'netns', 'exec', name, 'ethtool', '-K', end, *switches)
            run('ip', '-n', name, 'link', 'set', end, 'mtu', '1500', 'txqueuelen', '4096', 'up')

    def _addresses(self, room, interface, addresses):
        for address in addresses:
            more = ['nodad'] if ':' in address else []
            run('ip', '-n', self.names[room], 'addr', 'add', address, 'dev', interface, *more)

    def capture(self, room, interface, file):
        """Records what passes an interface, for a person to look at afterwards."""
        return self.place.start(*self.inside(room, 'tcpdump', '-i', interface, '-s', '2048', '-U', '-w', file),
                                log=str(file) + '.log')


def check_machine():
    """What the lab needs of the kernel, said in one line where it is missing."""
    if not pathlib.Path('/proc/sys/net/ipv6').exists():
        raise LabError('this kernel has no IPv6: the lab sends over both')
