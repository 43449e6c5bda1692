"""TCP alone: our stack beside Linux's on the same links. `python3 -m tools.bench.tcp`, or a part of make bench.

  python3 -m tools.bench.tcp [--scale 1] [--json FILE] [--only rr|idle|flood|bulk|goodput]

  rr        small requests over a port in memory, 100,000 idle connections present: engine alone and whole stack
  idle      memory per connection, measured with 200,000
  flood     what a SYN of a flood costs, and how many a core takes
  bulk      one stream over af_packet, af_xdp and tap; Linux as the peer, and in our place
  goodput   loss and delay on a 100 Mb/s line: our sender beside Linux's CUBIC, the same losses, Linux receives both;
            and our two engines on the same line in virtual time, which no load on this machine touches
"""
import argparse
import contextlib
import json
import pathlib
import socket
import statistics
import sys
import threading
import time

from tools.bench import cpu
from tools.lab.gateway import BUILD
from tools.lab.network import OFFLOADS, entered, remove
from tools.lab.shell import LabError, Workplace, end_process, run, say, wait_for

HOST, LINE, PROGRAMS = BUILD / 'tools/tcp-host', BUILD / 'tools/tcp-line', BUILD / 'tests/bench/tcp'
LEFT, RIGHT, PORT = '192.0.2.1', '192.0.2.2', 9
LOSSES, DELAYS, MEGABITS = (0, 0.1, 1, 3), (10, 40, 100), 100
# Linux's TCP runs before any process; so that load on the machine is not taken for our stack's doing, it and the line do too.
AT_ONCE = ('chrt', '--rr', '1')


PORTS = {
    'af_packet': 'net_af_packet0,iface=eth0,blocksz=262144,framesz=2048,framecnt=2048,qdisc_bypass=1',
    'af_xdp': 'net_af_xdp0,iface=eth0',
    'tap': 'net_tap0,iface=bulk0',
}


class Links:
    """left - line - right, or left - right: the kernel at both ends, until our stack takes the left one's place."""

    def __init__(self, place, line):
        self.stack = contextlib.ExitStack()
        self.place, self.left, self.right = place, f'{place.name}-tcp-left', f'{place.name}-tcp-right'
        self.middle = f'{place.name}-tcp-line'
        for name in (self.left, self.right, self.middle):
            run('ip', 'netns', 'add', name)
            self.stack.callback(remove, name)
            run('ip', 'netns', 'exec', name, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1')
        if line:
            self._veth(self.left, 'eth0', self.middle, 'l0')
            self._veth(self.right, 'eth0', self.middle, 'r0')
        else:
            self._veth(self.left, 'eth0', self.right, 'eth0')
        for name, address in ((self.left, LEFT), (self.right, RIGHT)):
            run('ip', '-n', name, 'addr', 'add', f'{address}/24', 'dev', 'eth0')

    def _veth(self, name, end, other, its):
        run('ip', '-n', name, 'link', 'add', end, 'type', 'veth', 'peer', 'name', its, 'netns', other)
        for where, interface in ((name, end), (other, its)):
            run('ip', 'netns', 'exec', where, 'ethtool', '-K', interface, *[w for f in OFFLOADS for w in (f, 'off')])
            run('ip', '-n', where, 'link', 'set', interface, 'txqueuelen', 10000, 'up')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()

    def start(self, name, *words):
        process = self.place.start('ip', 'netns', 'exec', name, *words, log=self.place.path('tcp') / f'{time.monotonic_ns()}.log')
        self.stack.callback(end_process, process)
        return process

    @contextlib.contextmanager
    def our_stack(self, *words, port='af_packet', before=()):
        """Our stack instead of the kernel at the left end; on a tap the kernel of the left namespace is its peer."""
        if port != 'tap':
            run('ip', '-n', self.left, 'addr', 'flush', 'dev', 'eth0')
        process = self.start(self.left, *before, HOST, '--vdev', PORTS[port], '--ip', f'{LEFT}/24', *words)
        try:
            if port == 'tap':
                wait_for(lambda: run('ip', '-n', self.left, 'link', 'show', 'bulk0', check=False).returncode == 0, 10, 'the tap')
                run('ip', '-n', self.left, 'addr', 'add', f'{RIGHT}/24', 'dev', 'bulk0')
                run('ip', '-n', self.left, 'link', 'set', 'bulk0', 'up')
            yield process
        finally:
            end_process(process)
            if port != 'tap':
                run('ip', '-n', self.left, 'addr', 'add', f'{LEFT}/24', 'dev', 'eth0')


class Receiver:
    """The kernel's side at the right: counts what comes on one connection."""

    def __init__(self, links, room=None):
        with entered(room or links.right):
            self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(('', PORT))
        self.listener.listen()
        self.listener.settimeout(15)

    def goodput(self, seconds):
        """Bytes per second from the first byte on, the first second left out: the opening is measured by nobody."""
        connection, _ = self.listener.accept()
        connection.settimeout(5)
        counted, began = 0, None
        with connection, contextlib.suppress(TimeoutError):
            first = None
            while True:
                got = len(connection.recv(1 << 18))
                now = time.monotonic()
                first = first or now
                if now - first >= 1:
                    began = began or now
                    counted += got
                    if now - began >= seconds or not got:
                        break
        self.listener.close()
        return counted / max(time.monotonic() - began, 0.1) if began else 0


def linux_sends(links, seconds):
    with entered(links.left):
        made = socket.socket()
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b'cubic')
    made.settimeout(5)

    def push():
        with contextlib.suppress(OSError), made:
            made.connect((RIGHT, PORT))
            end, data = time.monotonic() + seconds + 3, bytes(1 << 17)
            while time.monotonic() < end:
                made.sendall(data)
    thread = threading.Thread(target=push, daemon=True)
    thread.start()
    return thread


def one_goodput(links, who, loss, delay, seconds, seed):
    line = links.start(links.middle, *AT_ONCE, LINE, 'l0', 'r0', '--rate', MEGABITS, '--delay', f'{delay}ms', '--loss', f'{loss}%', '--seed', seed)
    try:
        time.sleep(0.2)
        receiver = Receiver(links)
        if who == 'linux':
            thread = linux_sends(links, seconds)
            rate = receiver.goodput(seconds)
            thread.join(10)
        else:
            with links.our_stack('--connect', f'{RIGHT}:{PORT}', '--do', 'send:4000000000', '--send-buffer', '4M', '--seconds', seconds + 4, before=AT_ONCE):
                rate = receiver.goodput(seconds)
    finally:
        end_process(line)
    return rate * 8 / 1e6


def virtual_goodput(loss, delay, seconds, seed):
    return last_line('goodput_sim', MEGABITS, 256, delay, loss, seconds, seed)['megabits']


def goodput(place, options):
    seconds, seeds = max(2, 6 * options.scale), (1, 2, 3)[:max(1, round(3 * options.scale))]
    rows = []
    say(f'\ngoodput in Mb/s on a {MEGABITS} Mb/s line, queue 256 KB; mean of {len(seeds)} x {seconds:g} s, Linux receives\n')
    say(f'{"delay":>6} {"loss":>6} {"Postern":>9} {"CUBIC":>9} {"ratio":>7} {"virtual":>9}')
    with Links(place, line=True) as links:
        for delay in DELAYS:
            for loss in LOSSES:
                means = {who: statistics.mean(one_goodput(links, who, loss, delay, seconds, seed) for seed in seeds) for who in ('ours', 'linux')}
                ratio = means['ours'] / max(means['linux'], 0.01)
                virtual = statistics.mean(virtual_goodput(loss, delay, 4 * seconds, seed) for seed in seeds)
                rows.append({'delay_ms': delay, 'loss_percent': loss, **{k: round(v, 2) for k, v in means.items()}, 'ratio': round(ratio, 2),
                             'virtual': round(virtual, 2)})
                bar = '#' * round(means['ours'] / MEGABITS * 40), '-' * round(means['linux'] / MEGABITS * 40)
                say(f'{delay:4} ms {loss:5}% {means["ours"]:9.2f} {means["linux"]:9.2f} {ratio:6.2f}x {virtual:9.2f}  |{bar[0]}\n{"":52}|{bar[1]}')
    return rows


def bulk_of(links, port, seconds):
    """Ours over one kind of port: gigabits, and CPU seconds per second of the sending process (the kernel's part of
    carrying each frame to its receiver is among them)."""
    if port == 'tap':
        run('ip', '-n', links.left, 'addr', 'flush', 'dev', 'eth0')
    receiver = Receiver(links, links.left if port == 'tap' else None)
    with links.our_stack('--connect', f'{RIGHT}:{PORT}', '--do', 'send:100000000000', '--core', 1, '--seconds', seconds + 6, port=port) as process:
        time.sleep(1.5)
        before, began = cpu.process_seconds(process.pid), time.monotonic()
        rate = receiver.goodput(seconds)
        spent = (cpu.process_seconds(process.pid) - before) / (time.monotonic() - began)
    return {'gigabits': round(rate * 8 / 1e9, 2), 'sender_cpu': round(spent, 2)}


def bulk(place, options):
    """One stream, received by the kernel; Linux in our place is measured between ours, as often."""
    seconds, rounds, rates = max(2, 3 * options.scale), max(1, round(3 * options.scale)), {}
    for _ in range(rounds):
        for port in ('linux', *PORTS):
            with Links(place, line=False) as links:
                if port == 'linux':
                    receiver = Receiver(links)
                    thread = linux_sends(links, seconds)
                    one = {'gigabits': round(receiver.goodput(seconds) * 8 / 1e9, 2)}
                    thread.join(10)
                else:
                    one = bulk_of(links, port, seconds)
            rates.setdefault(port, []).append(one)
    out = {port: {key: round(statistics.median(one[key] for one in all_), 2) for key in all_[0]} for port, all_ in rates.items()}
    say(f'\none stream, 1500-byte frames, no offload, median of {rounds}; Linux over a veth: {out["linux"]["gigabits"]} Gb/s\n')
    say(f'{"our port":10} {"Gb/s":>7} {"of Linux":>9} {"CPU of the sender":>18}')
    for port in PORTS:
        ratio = out[port]['gigabits'] / max(out['linux']['gigabits'], 0.01)
        say(f'{port:10} {out[port]["gigabits"]:7.2f} {ratio:8.2f}x {out[port]["sender_cpu"]:18.2f}')
    return out


def printed(name, *words):
    if not (PROGRAMS / name).exists():
        run('ninja', '-C', BUILD, f'tests/bench/tcp/{name}', timeout=600)
    return run(PROGRAMS / name, *words, timeout=300).stdout.decode()


def last_line(name, *words):
    return json.loads(printed(name, *words).strip().splitlines()[-1])


def program(name, *words):
    text = printed(name, *words)
    say('\n' + text.rsplit('\n{', 1)[0].rstrip())
    return json.loads(text.strip().splitlines()[-1])


PARTS = {
    'rr': lambda place, o: {'engine': program('tcp_rr', 100000, 64, max(1, 3 * o.scale)),
                            'stack': program('stack_rr', 100000, 64, max(1, 3 * o.scale)),
                            'stack_offload': program('stack_rr', 100000, 64, max(1, 3 * o.scale), 'offload'),
                            'two_shards': program('tcp_rr', 50000, 64, max(1, 3 * o.scale), 2),
                            'four_shards': program('tcp_rr', 50000, 64, max(1, 3 * o.scale), 4)},
    'idle': lambda place, o: program('idle_memory', 200000),
    'flood': lambda place, o: program('syn_flood', max(0.3, o.scale)),
    'bulk': bulk,
    'goodput': goodput,
}


def measure(scale=1.0, only=None):
    """Every part; what make bench writes under "tcp"."""
    options = argparse.Namespace(scale=scale)
    with Workplace() as place:
        return {name: part(place, options) for name, part in PARTS.items() if not only or only in name}


def main():
    parser = argparse.ArgumentParser(prog='tools.bench.tcp', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--scale', type=float, default=1)
    parser.add_argument('--only', choices=[*PARTS])
    parser.add_argument('--json', type=pathlib.Path, default=BUILD / 'bench-tcp.json')
    options = parser.parse_args()
    machine = cpu.machine()
    say(f'{machine["cpu"]}, {machine["cores"]} cores, {machine["memory_gb"]} GB, Linux {machine["kernel"]}')
    result = {'machine': machine} | measure(options.scale, options.only)
    options.json.write_text(json.dumps(result, indent=1) + '\n')
    say(f'\n{options.json}')
    return 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except LabError as fault:
        print(f'bench: {fault}', file=sys.stderr)
        sys.exit(1)
