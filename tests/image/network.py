"""Taps in the lab's rooms instead of veth pairs: the other end of each is a port of the guest.

What always holds: the tap of a room is that room's eth0, so the lab's peers need not know that the box is a machine.
"""
import fcntl
import os
import struct

from tools.lab.network import OFFLOADS, Network, entered
from tools.lab.shell import run

TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000


class TapNetwork(Network):
    def __init__(self, place):
        self.descriptors = {}
        super().__init__(place)
        place.defer(self.close)

    def _wire(self, room, interface):
        with entered(self.names[room]):
            descriptor = os.open('/dev/net/tun', os.O_RDWR | os.O_CLOEXEC)
            fcntl.ioctl(descriptor, TUNSETIFF, struct.pack('16sH22x', b'eth0', IFF_TAP | IFF_NO_PI))
        self.descriptors[interface] = descriptor
        switches = [word for feature in OFFLOADS for word in (feature, 'off')]
        run('ip', 'netns', 'exec', self.names[room], 'ethtool', '-K', 'eth0', *switches, check=False)
        run('ip', '-n', self.names[room], 'link', 'set', 'eth0', 'mtu', '1500', 'up')

    def close(self):
        for descriptor in self.descriptors.values():
            os.close(descriptor)
        self.descriptors = {}

    def ports(self):
        """QEMU's netdevs; the descriptors go to it with the same numbers."""
        return {'wan': f'tap,id=wan,fd={self.descriptors["wan0"]}', 'lan': f'tap,id=lan,fd={self.descriptors["lan0"]}',
                'mgmt': 'user,id=mgmt'}
