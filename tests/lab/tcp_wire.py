"""Two namespaces and a veth pair for our stack alone: the kernel's TCP (or another peer) at one end, tcp-host at the other.

What always holds: our end's kernel has no address; offloads are off at both ends; namespaces, processes and sysctls are
gone when the wire is closed.
"""
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import zlib

from tools.lab.gateway import BUILD
from tools.lab.network import OFFLOADS, entered, remove
from tools.lab.shell import LabError, alive, end_process, run, wait_for

TCP_HOST = BUILD / 'tools/tcp-host'
OURS4, OURS6 = '192.0.2.2', '2001:db8::2'
PEER4, PEER6 = '192.0.2.1', '2001:db8::1'
SERVICES = {'echo': 7, 'discard': 9, 'chargen': 19, 'rr': 5000, 'digest': 5001, 'source': 5002}
SERVE = ','.join(f'{name}:{port}' for name, port in SERVICES.items())
PERIOD = 7030


def pattern(count, offset=0):
    """RFC 864's stream, as tools/tcp_host/pattern.hpp has it."""
    ring = bytes(range(32, 127))
    one = b''.join((ring + ring)[line:line + 72] + b'\r\n' for line in range(95))
    repeated = one * ((offset % PERIOD + count) // PERIOD + 1)
    return repeated[offset % PERIOD:offset % PERIOD + count]


def sweep():
    """Removes namespaces of runs that were killed before they could clean up."""
    for line in run('ip', 'netns', 'list').stdout.decode().splitlines():
        match = re.match(r'(pl(\d+)-tcp-\w+)\b', line)
        if match and not alive(int(match.group(2))):
            remove(match.group(1))


class Wire:
    """`peer` is the kernel's end (eth0), `ours` the end without addresses (port0)."""

    def __init__(self, place, mtu=1500):
        self.place, self.stack = place, contextlib.ExitStack()
        self.congestion_control = ''  # of the peer's sockets; a namespace cannot set it for all of them
        self.peer, self.ours = f'{place.name}-tcp-peer', f'{place.name}-tcp-ours'
        sweep()
        for name in (self.peer, self.ours):
            run('ip', 'netns', 'add', name)
            self.stack.callback(remove, name)
            quiet = [f'net.ipv6.conf.{w}.{k}=0' for w in ('all', 'default') for k in ('autoconf', 'accept_ra', 'accept_dad', 'router_solicitations')]
            run('ip', 'netns', 'exec', name, 'sysctl', '-qw', *quiet)
            run('ip', '-n', name, 'link', 'set', 'lo', 'up')
        run('ip', '-n', self.ours, 'link', 'add', 'port0', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', self.peer)
        run(*self.inside(self.ours, 'sysctl', '-qw', 'net.ipv6.conf.port0.disable_ipv6=1'))
        for name, end in ((self.peer, 'eth0'), (self.ours, 'port0')):
            run(*self.inside(name, 'ethtool', '-K', end, *[word for feature in OFFLOADS for word in (feature, 'off')]))
            run('ip', '-n', name, 'link', 'set', end, 'mtu', mtu, 'txqueuelen', '4096', 'up')
        run('ip', '-n', self.peer, 'addr', 'add', f'{PEER4}/24', 'dev', 'eth0')
        run('ip', '-n', self.peer, 'addr', 'add', f'{PEER6}/64', 'dev', 'eth0', 'nodad')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()

    @staticmethod
    def inside(name, *command):
        return ['ip', 'netns', 'exec', name, *[str(c) for c in command]]

    def sysctl(self, **settings):
        """Of the peer's TCP: `timestamps=0`."""
        run(*self.inside(self.peer, 'sysctl', '-qw', *[f'net.ipv4.tcp_{key}={value}' for key, value in settings.items()]))

    def congestion_controls(self):
        return run(*self.inside(self.peer, 'sysctl', '-n', 'net.ipv4.tcp_available_congestion_control')).stdout.decode().split()

    def mac(self, name, interface):
        text = run('ip', '-n', name, '-o', 'link', 'show', interface).stdout.decode()
        return re.search(r'link/ether ([0-9a-f:]+)', text).group(1)

    def host(self, *words, vdev=None, serve=SERVE, ready=True):
        """Our stack at our end; a context."""
        return TcpHost(self, self.ours, words, vdev or af_packet('port0'), serve, ready)

    def connect(self, port, family=4, timeout=20, buffers=0, source=None):
        with entered(self.peer):
            made = socket.socket(socket.AF_INET6 if family == 6 else socket.AF_INET, socket.SOCK_STREAM)
        made.settimeout(timeout)
        if self.congestion_control:
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, self.congestion_control.encode())
        if buffers:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffers)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffers)
        try:
            if source:
                made.bind((source, 0))
            made.connect((OURS6 if family == 6 else OURS4, SERVICES.get(port, port)))
        except OSError:
            made.close()
            raise
        return made


def af_packet(interface, number=0):
    return f'net_af_packet{number},iface={interface},blocksz=262144,framesz=2048,framecnt=2048,qdisc_bypass=1'


class TcpHost:
    """A running tcp-host. `finish()` waits for one that connects out; `counters()` asks a serving one."""

    def __init__(self, wire, namespace, words, vdev, serve, ready):
        directory = wire.place.path('tcp-host')
        self.json = directory / f'{time.monotonic_ns()}.json'
        addresses = ['--ip', f'{OURS4}/24', '--ip6', f'{OURS6}/64'] if '--ip' not in words else []
        serving = ['--serve', serve] if serve and '--connect' not in words else []
        command = [TCP_HOST, '--vdev', vdev, *addresses, *serving, '--json', self.json, *words]
        self.process = subprocess.Popen(wire.inside(namespace, *command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, start_new_session=True)
        if ready:
            self._await_ready()

    def _await_ready(self):
        timer = threading.Timer(60, lambda: os.killpg(self.process.pid, signal.SIGKILL))
        timer.start()
        line = self.process.stdout.readline()
        timer.cancel()
        if line != b'ready\n':
            raise LabError(f'tcp-host did not start: {self.process.stderr.read()[-300:]!r}')

    def __enter__(self):
        return self

    def __exit__(self, *_):
        end_process(self.process)
        self.process.stdout.close()
        self.process.stderr.close()

    def counters(self):
        before = self.json.stat().st_mtime_ns if self.json.exists() else 0
        self.process.send_signal(signal.SIGUSR1)
        wait_for(lambda: self.json.exists() and self.json.stat().st_mtime_ns > before, 60, 'counters of tcp-host', step=0.01)
        return json.loads(self.json.read_text())

    def finish(self, seconds=60):
        """Waits for its end; (exit status, counters)."""
        _, words = self.process.communicate(timeout=seconds)
        report = json.loads(self.json.read_text()) if self.json.exists() else {}
        report['stderr'] = words.decode(errors='replace')
        return self.process.returncode, report

    def alive(self):
        return self.process.poll() is None

    def resident_kb(self):
        return int(re.search(r'VmRSS:\s+(\d+)', open(f'/proc/{self.process.pid}/status').read()).group(1))


class KernelServer:
    """A server on the kernel's TCP: digest, echo or source, as tcp-host has them; one thread per connection."""

    def __init__(self, wire, kind, port, family=4, buffers=0):
        self.kind, self.connections = kind, []
        with entered(wire.peer):
            self.socket = socket.socket(socket.AF_INET6 if family == 6 else socket.AF_INET, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if buffers:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffers)
        self.socket.bind((PEER6 if family == 6 else PEER4, port))
        self.socket.listen(4096)
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for connection in self.connections:
            connection.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                self.connections.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection:
            getattr(self, '_' + self.kind)(connection)

    @staticmethod
    def _digest(connection):
        crc = count = 0
        while data := connection.recv(1 << 18):
            crc, count = zlib.crc32(data, crc), count + len(data)
        connection.sendall(b'%08x %d\n' % (crc, count))

    @staticmethod
    def _echo(connection):
        while data := connection.recv(1 << 16):
            connection.sendall(data)

    @staticmethod
    def _source(connection):
        connection.sendall(pattern(int(connection.recv(64))))


# What a client on the kernel's TCP does with our services; each returns what it saw.

def upload(connection, data):
    """Digest: everything, FIN, then the answer over the half-closed connection."""
    with connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = b''
        while more := connection.recv(100):
            answer += more
    crc, count = answer.split()
    return int(crc, 16), int(count)


def download(connection, count):
    with connection:
        connection.sendall(b'%d\n' % count)
        got = bytearray()
        while data := connection.recv(1 << 18):
            got += data
    return bytes(got)


def echo(connection, data):
    """Sends with one thread, reads with another: no side waits for the other."""
    got = bytearray()
    with connection:
        sender = threading.Thread(target=lambda: (connection.sendall(data), connection.shutdown(socket.SHUT_WR)))
        sender.start()
        while more := connection.recv(1 << 16):
            got += more
        sender.join()
    return bytes(got)
