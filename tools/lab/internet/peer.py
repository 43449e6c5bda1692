"""Postfix with DANE in the box's place, beside an unbound that validates: the oracle for the DANE rows, and the bench's peer."""
import pathlib
import shutil

from tools.lab import postfix
from tools.lab.network import LAN4, LAN6, NET4, NET6, OFFICE4, WAN4
from tools.lab.shell import end_process, wait_for

NAME = 'mx.example.org'


class Unbound:
    """A validating resolver on the gateway's loopback, with the lab's root and anchor."""

    def __init__(self, place, network, names):
        self.place, self.network = place, network
        self.home = place.path('unbound')
        (self.home / 'unbound.conf').write_text(
            f'server:\n  directory: "{self.home}"\n  chroot: ""\n  username: ""\n  pidfile: "{self.home}/pid"\n  do-daemonize: no\n'
            f'  use-syslog: no\n  logfile: ""\n  root-hints: "{names.hints}"\n  trust-anchor-file: "{names.anchor}"\n'
            '  local-zone: "test." nodefault\n  interface: 127.0.0.1\n  do-ip6: no\n  num-threads: 1\n  msg-cache-size: 64m\n'
            '  rrset-cache-size: 128m\nremote-control:\n  control-enable: no\n')
        self.resolv = pathlib.Path('/etc/netns') / network.names['gateway']
        place.defer(shutil.rmtree, self.resolv, True)

    def start(self):
        self.resolv.mkdir(parents=True, exist_ok=True)
        (self.resolv / 'resolv.conf').write_text('nameserver 127.0.0.1\noptions trust-ad\n')
        self.process = self.place.start(*self.network.inside('gateway', 'unbound', '-d', '-c', self.home / 'unbound.conf'),
                                        log=self.home / 'log')
        wait_for(lambda: b'127.0.0.1:53' in self.network.run('gateway', 'ss', '-lun').stdout, 10, 'unbound')
        return self

    def stop(self):
        end_process(self.process)


def relay(place, network, roots, limits=None):
    """Postfix that relays what the office hands it, with DANE on; the kernel has the box's addresses."""
    network.give_kernel_addresses()
    network.run('gateway', 'ip', 'route', 'replace', '198.18.0.0/16', 'via', NET4)
    network.run('gateway', 'ip', '-6', 'route', 'replace', 'default', 'via', NET6)
    return postfix.Postfix(place, network, 'gateway', NAME, [f'{LAN4}:25', f'[{LAN6}]:25'], {
        'inet_interfaces': 'all', 'mynetworks': f'{OFFICE4}/32, 127.0.0.1/32', 'smtpd_recipient_restrictions': 'permit_mynetworks, reject',
        'smtp_tls_security_level': 'dane', 'smtp_dns_support_level': 'dnssec', 'smtp_tls_CAfile': roots, 'smtp_host_lookup': 'dns',
        'smtp_bind_address': WAN4, 'smtpd_peername_lookup': 'no', 'smtp_address_preference': 'ipv4',
    } | (limits or {}))
