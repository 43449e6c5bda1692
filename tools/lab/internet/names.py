"""The signed tree, served: keys and signatures by ldns, answers by two nsd.

One nsd has the root and the top, the other everything below, so that a question at the parent gets a delegation as it
does on the real internet. They listen on a port of their own; port 53 belongs to the wire. Keys and signatures are made
anew for every run; `Kroot` and its DS are the anchor the box is told.
"""
import concurrent.futures
import os
import signal

from tools.lab.internet import zones as zone_files
from tools.lab.shell import run, wait_for

PORT = 5300
SIGNED_UNTIL = '20361231000000'
RSA_KEYS = 4                      # so many make a DNSKEY answer larger than a UDP packet may be


class Names:
    def __init__(self, place, network):
        self.place, self.network = place, network
        self.directory = place.path('dns')
        self.processes = {}

    def make(self, zones, top_lines):
        """Signs everything, children before parents."""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            digests = list(pool.map(self._finish, zones))
        lines = list(top_lines) + [line for line in digests if line]
        top = zone_files.top_zone(zones, lines)
        below_root = self._finish(top)
        root = zone_files.root_zone([below_root])
        self.anchor_ds = self._finish(root)
        self.zones, self.upper = list(zones), [root, top]
        (self.directory / 'anchor').write_text(self.anchor_ds + '\n')
        (self.directory / 'hints').write_text(f'. 3600000 IN NS a.root.\na.root. 3600000 IN A {zone_files.ROOT4}\n')

    @property
    def anchor(self):
        """The root's DS record in a file."""
        return self.directory / 'anchor'

    @property
    def hints(self):
        return self.directory / 'hints'

    def _finish(self, zone):
        """Writes a zone, signed where it says so; its DS line for the parent."""
        name = zone.name or 'root'
        home = self.place.path(f'dns/{name}')
        text = zone.text()
        if not zone.signed:
            (home / 'zone').write_text(text)
            return ''
        keys = self._keys(zone, home)
        published = [(home / f'{key}.key').read_text().replace('\tIN\t', f'\t{zone_files.TREE_TTL}\tIN\t') for key in keys]
        (home / 'plain').write_text(text + ''.join(published))
        denial = ['-n', '-t', '0'] if sum(zone.name.encode()) % 2 else []      # NSEC3 for some, NSEC for others
        run('ldns-signzone', *denial, '-e', SIGNED_UNTIL, '-o', f'{zone.name}.', '-f', 'zone', 'plain', *keys[:2], cwd=home)
        record = (home / f'{keys[0]}.ds').read_text().strip().replace('\tIN\t', f'\t{zone_files.TREE_TTL}\tIN\t')
        if zone.ds == 'wrong':
            record = record[:-8] + 'deadbeef'
        return record

    @staticmethod
    def _keys(zone, home):
        """A key that signs all; for RSA more of them, to make the answer large."""
        if not zone.algorithm.startswith('RSA'):
            return [run('ldns-keygen', '-a', zone.algorithm, '-k', f'{zone.name}.', cwd=home).stdout.decode().split()[-1]]
        made = [run('ldns-keygen', '-a', zone.algorithm, '-b', '2048', *(['-k'] if n == 0 else []), f'{zone.name}.', cwd=home)
                for n in range(RSA_KEYS)]
        return [m.stdout.decode().split()[-1] for m in made]

    def start(self):
        upper = [zone_files.ROOT4, zone_files.TOP4]
        lower = [*zone_files.SERVERS.values()]
        self._start('upper', [f'{a}@{PORT}' for a in upper], self.upper)
        self._start('lower', [f'{a}@{PORT}' for a in lower] + [f'{zone_files.BULK4}@53'], self.zones)

    def _start(self, which, addresses, zones):
        home = self.place.path(f'dns/nsd-{which}')
        options = ''.join(f'  ip-address: {a}\n' for a in addresses)
        text = (f'server:\n  server-count: 1\n  username: ""\n  zonesdir: "{self.directory}"\n  database: ""\n  pidfile: "{home}/pid"\n'
                f'  zonelistfile: "{home}/zones"\n  xfrdfile: ""\n  logfile: "{home}/log"\n  rrl-ratelimit: 0\n'
                f'  rrl-whitelist-ratelimit: 0\n  minimal-responses: yes\n  tcp-count: 200\n  ipv4-edns-size: 1232\n{options}remote-control:\n  control-enable: no\n')
        text += ''.join(f'zone:\n  name: "{z.name}."\n  zonefile: "{z.name or "root"}/zone"\n' for z in zones)
        (home / 'nsd.conf').write_text(text)
        self.processes[which] = self.place.start(*self.network.inside('internet', 'nsd', '-d', '-c', home / 'nsd.conf'), log=home / 'start.log')
        port = addresses[0].rsplit('@', 1)[0]
        wait_for(lambda: f'{port}:{PORT}' in self.network.run('internet', 'ss', '-lun').stdout.decode(), 20,
                 f'nsd ({which}; see {home}/log)')

    def publish_again(self, zone):
        """A zone of the lower server has changed."""
        self._finish(zone)
        os.kill(self.processes['lower'].pid, signal.SIGHUP)
