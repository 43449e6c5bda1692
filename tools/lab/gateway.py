"""The box under test: its settings file, its start, its counters and its message log.

What always holds: everything it writes lies in the run's own directory; it is started and stopped by its own control
program, the way it is on a real box.
"""
import json
import os
import pathlib
import signal
import subprocess

from tools.lab import messages
from tools.lab.certificates import GATEWAY_NAME
from tools.lab.network import LAN4, LAN6, OFFICE4, WAN4, WAN6
from tools.lab.shell import LabError, alive, end_process, run, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get('BUILD', 'build')
CONTROL = BUILD / 'firmware/control/postern-control'
COMMAND = BUILD / 'firmware/control/postern'
DATAPLANE = BUILD / 'firmware/dataplane/postern-dataplane'
RESOLVER = BUILD / 'firmware/control/postern-resolver'
BOARD = ROOT / 'boards/lab/board.toml'


def toml(value):
    """A value of a settings file."""
    if isinstance(value, bool):
        return 'true' if value else 'false'
    if isinstance(value, (list, tuple)):
        return '[' + ', '.join(toml(v) for v in value) + ']'
    if isinstance(value, dict):
        return '{ ' + ', '.join(f'{key} = {toml(v)}' for key, v in value.items()) + ' }'
    return str(value) if isinstance(value, int) else json.dumps(str(value), ensure_ascii=False)


class Gateway:
    def __init__(self, place, network, certificates, more=None, board=BOARD):
        self.place, self.network, self.board = place, network, board
        self.directory = place.path('gateway')
        self.run_directory = place.path('gateway/run')
        self.log = self.directory / 'control.log'
        self.process = None
        self.pages = None  # of the web admin
        self.settings = {
            'host_name': GATEWAY_NAME,
            'domains.served': [messages.DOMAIN],
            'recipients.verify': 'static',
            'recipients.known': messages.MAILBOXES,
            'interface.wan.addresses': [f'{WAN4}/24', f'{WAN6}/64'],
            'interface.lan.addresses': [f'{LAN4}/24', f'{LAN6}/64'],
            'office.servers': [f'{OFFICE4}:25'],
            'office.tls': 'opportunistic',
            'office.connections': 4,
            'tls.certificates': [{'names': [], 'chain': certificates[c]['chain'], 'key': certificates[c]['key']}
                                 for c in ('gateway-ec', 'gateway-rsa')],
            'spool.directory': place.path('gateway/spool'), 'resolver.directory': place.path('gateway/resolver'),
            'spool.retry_first': '2s', 'spool.retry_most': '5s',
            'log.messages': self.directory / 'messages.jsonl', 'tlsrpt.database': self.directory / 'tlsrpt.sqlite',
        } | (more or {})

    @property
    def settings_file(self):
        return self.directory / 'settings.toml'

    def write_settings(self, **changes):
        self.settings |= changes
        text = ''.join(f'{key} = {toml(value)}\n' for key, value in self.settings.items())
        self.settings_file.write_text(text, encoding='utf-8')

    def command_line(self):
        return [str(word) for word in (CONTROL, '--settings', self.settings_file, '--board', self.board, '--boards', ROOT / 'boards',
                                       '--run-dir', self.run_directory, '--dataplane', DATAPLANE,
                                       *(('--web', self.pages) if self.pages else ()))]

    def start(self, ready=True):
        for program in (CONTROL, DATAPLANE, COMMAND):
            if not program.exists():
                raise LabError(f'{program.relative_to(ROOT)} is not built: run make build')
        self.write_settings()
        self.process = self.place.start(*self.network.inside('gateway', *self.command_line()), log=self.log)
        self.place.defer(self.stop)
        if ready:
            self.wait_ready()
        return self

    def wait_ready(self, seconds=30):
        """Until a greeting comes from the box's own stack."""
        def greeted():
            if self.process.poll() is not None:
                raise LabError(f'the gateway ended ({self.process.returncode}): {self.last_words()}')
            try:
                with self.network.connect('internet', WAN4, 25, 1) as made:
                    return made.recv(3) == b'220'
            except OSError:
                return False
        wait_for(greeted, seconds, f'greeting from the gateway (its log ends: {self.last_words()})', step=0.2)

    def last_words(self):
        text = self.log.read_text(errors='replace') if self.log.exists() else ''
        return (text.strip().splitlines() or ['nothing'])[-1]

    def stop(self):
        if self.process:
            end_process(self.process, 10)
            self.process = None
            for pid in self.dataplane_pids():
                os.kill(pid, signal.SIGKILL)

    def kill_control(self):
        """SIGKILL to the control program only; the data plane is left alone."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def start_control(self):
        self.process = self.place.start(*self.network.inside('gateway', *self.command_line()), log=self.log)

    def kill_dataplane(self):
        """SIGKILL; its process id, once it is gone."""
        pid = self.dataplane_pid()
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not alive(pid), 5, 'end of a killed data plane', step=0.01)
        return pid

    def dataplane_pid(self, seconds=20):
        return wait_for(self.dataplane_pids, seconds, f'data plane (the log ends: {self.last_words()})')[0]

    def resident_kb(self):
        """Memory of the data plane in RAM."""
        text = pathlib.Path(f'/proc/{self.dataplane_pid()}/status').read_text()
        return int(text.split('VmRSS:')[1].split()[0])

    def dataplane_pids(self):
        """Data planes in our namespace (never another run's)."""
        return self.pids_of(DATAPLANE)

    def pids_of(self, program):
        """Processes of a program in our namespace."""
        found = []
        for pid in run('ip', 'netns', 'pids', self.network.names['gateway'], check=False).stdout.split():
            try:
                if os.readlink(f'/proc/{int(pid)}/exe').startswith(str(program)) and alive(int(pid)):
                    found.append(int(pid))
            except OSError:
                pass
        return found

    def signal_resolver(self, number):
        """To the process that looks names up; its process id."""
        pid = wait_for(lambda: self.pids_of(RESOLVER), 20, f'resolver (the log ends: {self.last_words()})')[0]
        os.kill(pid, number)
        return pid

    def kill_resolver(self):
        pid = self.signal_resolver(signal.SIGKILL)
        wait_for(lambda: not alive(pid), 5, 'end of a killed resolver', step=0.01)
        return pid

    def postern(self, *words, check=True):
        """The command line of the box."""
        return run(*self.network.inside('gateway', COMMAND, '--run-dir', self.run_directory, *words), check=check)

    def postern_json(self, *words):
        return json.loads(self.postern(*words, '--json').stdout)

    def popen(self, *words):
        return subprocess.Popen(self.network.inside('gateway', COMMAND, '--run-dir', self.run_directory, *words))

    def counters(self):
        """All counters as {'room.name': number}."""
        answer = self.postern_json('counters')
        rooms = answer.get('counters', answer)
        return {f'{room}.{name}': value['total'] for room, names in rooms.items() if isinstance(names, dict)
                for name, value in names.items() if isinstance(value, dict)}

    def outcomes(self):
        """The message log so far, oldest first; a last line still being written is left out."""
        path = pathlib.Path(self.settings['log.messages'])
        lines = path.read_text(errors='replace').split('\n')[:-1] if path.exists() else []
        return [json.loads(line) for line in lines if line.startswith('{')]


class PostfixGateway:
    """Postfix in the box's place, for trying the lab itself and for the bench."""

    def __init__(self, postfix):
        self.postfix = postfix

    def start(self):
        self.postfix.start()
        return self

    def stop(self):
        self.postfix.stop()

    def outcomes(self):
        return []
