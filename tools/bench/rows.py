"""The rows of the bench: which work, by whom, and what is divided by what."""
import dataclasses
import json

from tools.bench import cpu
from tools.bench.servers import Haproxy, Nginx, Postern, Postfix, answers
from tools.lab.gateway import BUILD
from tools.lab.network import WAN4
from tools.lab.shell import LabError, wait_for

LOAD = BUILD / 'tools/load/postern-load'


@dataclasses.dataclass
class Row:
    name: str
    unit: str
    servers: list            # classes; Postern first
    words: list              # for the load generator
    count: str               # which of its figures counts
    bar: float = 0           # how many times the best peer is to be reached
    per: float = 1           # the figure is divided by this (bytes to megabytes)
    tls: dict = dataclasses.field(default_factory=dict)  # server name -> implicit, where not starttls


def mail(size, each, total, connections=20):
    return Row(f'STARTTLS in, durable, next hop: {size // 1024} KB, {each} per connection', 'messages', [Postern, Postfix],
               ['--size', size, '--per-connection', each, '--total', total, '--connections', connections], 'accepted', 10)


def handshakes(what, words, bar):
    return Row(f'TLS 1.3 handshakes, {what}', 'handshakes', [Postern, Nginx, Haproxy],
               ['--mode', 'handshake', '--connections', 32, '--tls-version', '1.3', *words], 'handshakes', bar, tls={'HAProxy': 'implicit'})


def all_rows(scale):
    n = lambda count: max(int(count * scale), 20)
    return [
        mail(4096, 20, n(4000)), mail(4096, 1, n(1000)), mail(102400, 20, n(1000)), mail(102400, 1, n(500)),
        handshakes('ECDSA P-256', ['--signature', 'ecdsa', '--total', n(2000)], 3),
        handshakes('RSA-2048', ['--signature', 'rsa', '--total', n(800)], 3),
        handshakes('ECDSA P-256, ticket', ['--signature', 'ecdsa', '--resume', '--total', n(2000)], 3),
        Row('bulk: 1 MB messages, TLS in', 'MB', [Postern, Postfix],
            ['--size', 1000000, '--per-connection', 20, '--total', n(200), '--connections', 8], 'bytes', 0, 1e6),
    ]


def measure(row, server, lab):
    """One run: {'rate': per CPU second, 'wall': per second, ...}. The server is started and stopped around it."""
    tls = row.tls.get(server.name, 'starttls')
    port = server.ports[tls]
    try:
        server.start()
        wait_for(lambda: answers(lab, port), 20, f'answer from {server.name}')
        load(lab, row, tls, port, warm=True)
        server.wait_drained()
        before, soft = cpu.servers_seconds(server.pids()), cpu.softirq_seconds()
        report = load(lab, row, tls, port)
        server.wait_drained()
        spent = cpu.servers_seconds(server.pids()) - before
        soft = cpu.softirq_seconds() - soft
    finally:
        server.stop()
    done = report[row.count] / row.per
    return {'server': server.name, 'done': done, 'cpu_seconds': round(spent, 3), 'rate': done / max(spent, 0.01),
            'wall': done / report['seconds'], 'softirq_seconds': round(soft, 3), 'latency_ms': report['latency_ms'],
            'tls': report['tls'], 'errors': report['errors']}


def load(lab, row, tls, port, warm=False):
    words = [str(w) for w in row.words]
    if warm:  # a tenth of the work: processes are forked, caches filled, windows open
        at = words.index('--total') + 1
        words[at] = str(max(int(words[at]) // 10, 10))
    done = lab.network.run('internet', LOAD, '--server', WAN4, '--port', port, '--tls', tls, *words, check=False, timeout=300)
    try:
        report = json.loads(done.stdout.decode().strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise LabError(f'the load generator ended ({done.returncode}): {done.stdout[-200:]!r}') from None
    if not report[row.count]:
        raise LabError(f'{row.name}: nothing went through: {report["errors"]}')
    return report
