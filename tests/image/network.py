"""Taps in the lab's rooms instead of veth pairs: the other end of each is a port of the guest.

What always holds: the tap of a room is that room's eth0, so the lab's peers need not know that the box is a machine. Without
`management` the third port leads nowhere but to this machine's loopback.
"""
import fcntl
import os
import struct

from tools.lab.network import OFFLOADS, Network, entered
from tools.lab.shell import run

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
MANAGED, ROUTER = '10.0.2.15', '10.0.2.2'  # what the board says of the management port


class TapNetwork(Network):
    def __init__(self, place):
        self.descriptors = {}
        super().__init__(place)
        place.defer(self.close)

    def _wire(self, room, interface):
        self._tap(room, 'eth0', interface)
        switches = [word for feature in OFFLOADS for word in (feature, 'off')]
        run('ip', 'netns', 'exec', self.names[room], 'ethtool', '-K', 'eth0', *switches, check=False)
        run('ip', '-n', self.names[room], 'link', 'set', 'eth0', 'mtu', '1500', 'up')

    def _tap(self, room, name, interface):
        with entered(self.names[room]):
            descriptor = os.open('/dev/net/tun', os.O_RDWR | os.O_CLOEXEC)
            fcntl.ioctl(descriptor, TUNSETIFF, struct.pack('16sH22x', name.encode(), IFF_TAP | IFF_NO_PI))
        self.descriptors[interface] = descriptor

    def management(self, *internet):
        """The wire of the box's programs that use the kernel's stack: resolver and web admin. As in the lab, every address of
        `internet` is a host there."""
        room = self.names['internet']
        self._tap('internet', 'mgmt', 'mgmt0')
        run('ip', '-n', room, 'addr', 'add', f'{ROUTER}/24', 'dev', 'mgmt')
        run('ip', '-n', room, 'link', 'set', 'mgmt', 'up')
        self.run('internet', 'sysctl', '-qw', 'net.ipv6.ip_nonlocal_bind=1')
        for prefix in internet:
            run('ip', '-n', room, 'route', 'add', 'local', prefix, 'dev', 'lo')

    def close(self):
        for descriptor in self.descriptors.values():
            os.close(descriptor)
        self.descriptors = {}

    def ports(self):
        """QEMU's netdevs; the descriptors go to it with the same numbers."""
        made = {name: f'tap,id={name},fd={self.descriptors[name + "0"]}' for name in ('wan', 'lan', 'mgmt') if name + '0' in self.descriptors}
        return {'mgmt': 'user,id=mgmt'} | made
