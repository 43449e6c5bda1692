"""Mail out: from the office through the box to mail hosts with DANE, beside Postfix with DANE and an unbound; what finding a
domain out costs; and a long queue.

Both servers fsync before 250, look every domain up, prove it, check the certificate and send over TLS 1.3. CPU of their
resolvers counts. The sink is the same for both and its CPU counts for neither.
"""
import json
import statistics
import sys
import time

from tools.bench import cpu
from tools.bench.servers import Postern, Postfix
from tools.lab.gateway import BUILD, RESOLVER, Gateway
from tools.lab.internet import box, bulk, peer
from tools.lab.internet.world import World
from tools.lab.network import LAN4
from tools.lab.shell import LabError, end_process, say, wait_for

LOAD = BUILD / 'tools/load/postern-load'
LIMITS = {'smtp.messages_per_session': 1000000, 'resolver.least_ttl': '1h', 'spool.messages': 1000000}
DANE, MISSES, WAITING = 'DANE out', 'resolver misses', 'waiting messages'  # how the rows are called


class TlsSink:
    def __init__(self, place, lab, world):
        self.place, self.lab = place, lab
        self.chain = bulk.chain(world.chains).both
        self.counts = place.path('sink') / 'counts'

    def start(self):
        self.process = self.place.start(*self.lab.network.inside('internet', sys.executable, '-m', 'tools.bench.tls_sink', bulk.ADDRESS,
                                                                 self.chain, self.counts), log=self.place.path('sink') / 'tls.log')
        wait_for(lambda: self.lab.network.run('internet', 'timeout', '1', 'bash', '-c', f'exec 3<>/dev/tcp/{bulk.ADDRESS}/25',
                                              check=False).returncode == 0, 10, 'the sink')

    def stop(self):
        end_process(self.process)

    def seen(self):
        """The lines it wrote so far."""
        return [json.loads(line) for line in self.counts.read_text().splitlines()] if self.counts.exists() else []


class PosternOut(Postern):
    world = None

    def start(self):
        settings = box.settings(self.world, self.place.path(f'learned-{time.time_ns()}')) | LIMITS
        self.box = Gateway(self.place, self.lab.network, self.lab.certificates, settings).start()


class PostfixOut(Postfix):
    world = None

    def start(self):
        self.resolver = peer.Unbound(self.place, self.lab.network, self.world.names).start()
        self.postfix = peer.relay(self.place, self.lab.network, self.world.chains.roots,
                                  {'default_destination_concurrency_limit': '20', 'smtp_tls_connection_reuse': 'yes',
                                   'smtp_connection_cache_on_demand': 'yes', 'mynetworks': '0.0.0.0/0'})
        self.postfix.start()

    def stop(self):
        super().stop()
        self.resolver.stop()


def load(lab, domains, total, connections=20):
    words = ['--server', LAN4, '--tls', 'none', '--to', f'someone@d%.{bulk.NAME}', '--spread', domains, '--total', total,
             '--connections', connections, '--per-connection', 100, '--size', 4096]
    done = lab.network.run('office', LOAD, *words, check=False, timeout=600)
    report = json.loads(done.stdout.decode().strip().splitlines()[-1])
    if report['accepted'] != total:
        raise LabError(f'{report["accepted"]} of {total} accepted: {report["errors"]}')
    return report


def measure(server, lab, domains, total):
    """Messages per CPU second, from the first accepted to the last delivered."""
    try:
        server.start()
        load(lab, domains, max(total // 10, domains))        # every domain is known, processes are there
        server.wait_drained(300)
        before, began = cpu.servers_seconds(server.pids()), time.monotonic()
        load(lab, domains, total)
        server.wait_drained(300)
        spent, wall = cpu.servers_seconds(server.pids()) - before, time.monotonic() - began
    finally:
        server.stop()
    return {'server': server.name, 'done': total, 'cpu_seconds': round(spent, 3), 'rate': total / max(spent, 0.01), 'wall': total / wall}


def compare(lab, place, world, rounds, scale):
    """The rows beside Postfix; as the other rows of the bench."""
    made = []
    for name, domains in (('DANE out, 4 KB, one domain', 1), ('DANE out, 4 KB, 200 domains', 200)):
        servers = [kind(place, lab) for kind in (PosternOut, PostfixOut)]
        runs = {server.name: [] for server in servers}
        for number in range(rounds):
            for server in servers if number % 2 == 0 else reversed(servers):
                server.world = world
                runs[server.name].append(measure(server, lab, domains, max(int(2000 * scale), domains)))
        rates = {name: statistics.median(r['rate'] for r in runs[name]) for name in runs}
        ratio = rates['Postern'] / rates['Postfix']
        say(f'{name:62} {"  ".join(f"{n} {r:.0f}" for n, r in rates.items()):48} {ratio:.2f}x')
        made.append({'name': name, 'unit': 'messages per CPU second', 'servers': runs, 'ratio': round(ratio, 2)})
    return made


def misses(lab, place, world, rounds, domains):
    """Domains found out about per CPU second of the resolver: each unknown before, one message to each, answers by the lab's nsd."""
    runs = []
    for _ in range(rounds):
        server = PosternOut(place, lab)
        server.world = world
        try:
            server.start()
            resolver = server.box.pids_of(RESOLVER)
            before, began = cpu.servers_seconds(resolver), time.monotonic()
            load(lab, domains, domains)
            server.wait_drained(300)
            spent, wall = cpu.servers_seconds(resolver) - before, time.monotonic() - began
        finally:
            server.stop()
        runs.append({'done': domains, 'cpu_seconds': round(spent, 3), 'rate': domains / max(spent, 0.01), 'wall': domains / wall})
    out = {'name': 'resolver misses: domains validated and published', 'unit': 'domains per CPU second', 'runs': runs,
           'rate': round(statistics.median(r['rate'] for r in runs), 1)}
    say(f'{out["name"]:62} {out["rate"]:.0f} per core and second')
    return out


def drain(lab, place, world, sink, messages, domains):
    """A long queue waits for a sink that is down, then leaves: how fast, how evenly, in how much memory."""
    server = PosternOut(place, lab)
    server.world = world
    sink.stop()
    sink.counts.unlink(missing_ok=True)
    try:
        server.start()
        load(lab, domains, messages, 40)
        full = server.box.resident_kb()
        sink.start()
        began = time.monotonic()
        most = [full]

        def empty():
            most.append(server.box.resident_kb())
            return server.drained()
        wait_for(empty, 1800, f'end of {messages} messages', step=1)
        took = time.monotonic() - began
    finally:
        server.stop()
    paces = paces_of(sink.seen())
    out = {'name': f'{messages} {WAITING} to {domains} domains leave', 'seconds': round(took, 1), 'rate': round(messages / took, 1),
           'queue_mb': full // 1024, 'most_mb': max(most) // 1024, 'pace_of_tenths': paces}
    say(f'{out["name"]:62} {out["rate"]:.0f}/s in {took:.0f} s, at most {out["most_mb"]} MB, pace of each tenth of the time {paces}')
    if max(most) > full * 1.25 + 128 * 1024:
        raise LabError(f'memory grew from {full // 1024} MB to {out["most_mb"]} MB while the queue left')
    if min(paces) * 10 < max(paces):
        raise LabError(f'the queue left at an uneven pace: {paces}')
    return out


def paces_of(lines, parts=10):
    """Messages per second in each tenth of the time from the first to the last message."""
    first = next((i for i, line in enumerate(lines) if line['messages']), 0)
    last = next((i for i, line in enumerate(lines) if line['messages'] == lines[-1]['messages']), len(lines) - 1)
    cuts = [first + (last - first) * n // parts for n in range(parts + 1)]
    return [round((lines[b]['messages'] - lines[a]['messages']) / max(lines[b]['at'] - lines[a]['at'], 0.1)) for a, b in zip(cuts, cuts[1:])]


def run(lab, place, rounds, scale, wanted):
    """Those rows whose word is wanted."""
    domains = max(int(10000 * scale), 200)
    world = World(place, lab.network, rows=[], bulk=domains)
    world.names.start()
    world.start_wire()
    sink = TlsSink(place, lab, world)
    sink.start()
    made = compare(lab, place, world, rounds, scale) if wanted(DANE) else []
    if wanted(MISSES):
        made.append(misses(lab, place, world, rounds, domains))
    if wanted(WAITING):
        made.append(drain(lab, place, world, sink, domains * 10, domains))
    sink.stop()
    return made
