"""Starts an image in QEMU: for people (`make run-image`), and for tests, which add what they need.

What always holds: a fresh copy of the firmware's variables for each machine (a store of another machine's slots leads the
firmware astray); KVM is used only where a trial boot came to the kernel's end, never because a device file is there.
"""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

from image.builder.kernel import CACHE
from image.builder.shell import ImageError, say

OVMF = pathlib.Path('/usr/share/OVMF')
MEMORY = 1536


def trial(seconds=15):
    """True where a guest's kernel really starts under KVM here."""
    kernels = sorted(CACHE.glob('kernel-*/boot/vmlinuz-*'))
    if not os.access('/dev/kvm', os.W_OK) or not kernels:
        return False
    with tempfile.TemporaryDirectory() as work:
        log = pathlib.Path(work, 'serial')
        process = subprocess.Popen(['qemu-system-x86_64', '-machine', 'q35', '-accel', 'kvm', '-cpu', 'host', '-m', '256', '-nodefaults',
                                    '-display', 'none', '-no-reboot', '-serial', f'file:{log}', '-kernel', kernels[-1], '-append',
                                    'console=ttyS0 panic=-1'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + seconds
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.1)
        came = process.poll() is not None and b'Kernel panic' in (log.read_bytes() if log.exists() else b'')
        if process.poll() is None:
            process.kill()
        process.wait()
        return came


def accelerator():
    wish = os.environ.get('POSTERN_ACCEL', '')
    return wish or ('kvm' if trial() else 'tcg')


class Machine:
    """One machine with one disk. Its serial line is `log` (what came) and `send` (what is typed)."""

    def __init__(self, directory, disk, accel='tcg', ports=None, tpm=None, iommu=True, more=(), memory=MEMORY, firmware=None, descriptors=(), missing=(), writes=None, variables=None):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.disk, self.accel, self.tpm, self.iommu = pathlib.Path(disk), accel, tpm, iommu
        self.ports = ports or {name: f'user,id={name},restrict=on' for name in ('wan', 'lan')} | {'mgmt': 'user,id=mgmt'}
        self.more, self.memory, self.descriptors, self.missing = list(more), memory, descriptors, missing
        self.writes = writes  # a file that gets each block the guest writes, in order
        self.log = self.directory / 'serial.log'
        self.told = self.directory / 'told.log'
        self.variables = self.directory / 'variables.fd'
        self.code, stored = firmware or (OVMF / 'OVMF_CODE_4M.fd', OVMF / 'OVMF_VARS_4M.fd')
        shutil.copyfile(variables or stored, self.variables)
        self.process = self.line = self.monitor = None

    def words(self):
        fast = ['-accel', 'kvm', '-cpu', 'host'] if self.accel == 'kvm' else ['-accel', 'tcg,thread=multi', '-cpu', 'max']
        words = ['qemu-system-x86_64', '-machine', 'q35,kernel-irqchip=split', *fast, '-smp', '2', '-m', str(self.memory), '-nodefaults',
                 '-display', 'none', '-drive', f'if=pflash,format=raw,unit=0,readonly=on,file={self.code}',
                 '-drive', f'if=pflash,format=raw,unit=1,file={self.variables}']
        if self.iommu:
            words += ['-device', 'intel-iommu,intremap=on,caching-mode=on']
        if self.writes:
            words += ['-blockdev', f'driver=file,node-name=plain,filename={self.disk}', '-blockdev', f'driver=file,node-name=log,filename={self.writes}',
                      '-blockdev', 'driver=blklogwrites,node-name=disk,file=plain,log=log,log-sector-size=512']
        else:
            words += ['-drive', f'if=none,id=disk,format=raw,file={self.disk},discard=unmap']
        words += ['-device', 'virtio-blk-pci,drive=disk,addr=0x5']
        for slot, name in ((0x10, 'wan'), (0x11, 'lan'), (0x12, 'mgmt')):
            if name in self.missing:
                continue
            platform = ',iommu_platform=on,disable-legacy=on' if self.iommu and name != 'mgmt' else ''
            words += ['-netdev', self.ports[name], '-device', f'virtio-net-pci,netdev={name},addr={slot:#x}{platform}']
        words += ['-device', 'i6300esb', '-action', 'watchdog=reset', '-device', 'virtio-rng-pci']
        if self.tpm:
            words += ['-chardev', f'socket,id=tpm,path={self.tpm}', '-tpmdev', 'emulator,id=tpm,chardev=tpm', '-device', 'tpm-tis,tpmdev=tpm']
        return words + self.more

    def start(self):
        self.log.unlink(missing_ok=True)
        line, monitor = self.directory / 'line', self.directory / 'monitor'
        for path in (line, monitor):
            path.unlink(missing_ok=True)
        words = self.words() + ['-chardev', f'socket,id=line,path={line},server=on,wait=on', '-serial', 'chardev:line',
                                '-chardev', f'file,id=told,path={self.told}', '-serial', 'chardev:told', '-qmp', f'unix:{monitor},server=on,wait=off']
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=open(self.directory / 'qemu.log', 'ab'),
                                        stderr=subprocess.STDOUT, start_new_session=True, pass_fds=self.descriptors)
        self.line, self.monitor = self._connect(line), self._connect(monitor)
        # What nobody reads would stop the machine. The log is ours: QEMU's own has a byte twice where the socket was full.
        threading.Thread(target=self._drain, args=(self.line, self.log), daemon=True).start()
        self.monitor.recv(65536)
        self.command('qmp_capabilities')
        return self

    @staticmethod
    def _drain(line, log):
        with open(log, 'ab', buffering=0) as file:
            while True:
                try:
                    got = line.recv(65536)
                except TimeoutError:
                    continue
                except OSError:
                    return
                if not got:
                    return
                file.write(got)

    def _connect(self, path):
        end = time.monotonic() + 30
        while True:
            made = socket.socket(socket.AF_UNIX)
            try:
                made.connect(str(path))
                made.settimeout(30)
                return made
            except OSError:
                made.close()
                if self.process.poll() is not None or time.monotonic() > end:
                    words = (self.directory / 'qemu.log').read_text(errors='replace').strip().splitlines() or ['no word']
                    raise ImageError(f'QEMU did not start: {words[-1]}') from None
                time.sleep(0.05)

    def command(self, name, **arguments):
        self.monitor.sendall(json.dumps({'execute': name, 'arguments': arguments}).encode() + b'\n')
        while True:
            for text in self.monitor.recv(65536).splitlines():
                answer = json.loads(text)
                if 'return' in answer or 'error' in answer:
                    return answer

    def event(self, name, seconds):
        """Waits until QEMU tells that this happened."""
        end, heard = time.monotonic() + seconds, b''
        while name.encode() not in heard:
            if time.monotonic() > end:
                raise ImageError(f'no {name} within {seconds} s')
            with contextlib.suppress(TimeoutError):
                heard += self.monitor.recv(65536)

    def text(self):
        """What people see on the first serial line."""
        return self.log.read_text(errors='replace') if self.log.exists() else ''

    def words_told(self):
        """What init and the programs said, on the second one (postern.log of the board's command line)."""
        return self.told.read_text(errors='replace') if self.told.exists() else ''

    def send(self, text):
        self.line.sendall(text.encode())

    def stop(self):
        for made in (self.line, self.monitor):
            if made:
                with contextlib.suppress(OSError):
                    made.shutdown(socket.SHUT_RDWR)
                made.close()
        self.line = self.monitor = None
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        if self.process:
            self.process.wait()
        self.process = None


class SoftTpm:
    """swtpm with a state directory of its own: a TPM that can be taken away or cleared."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.socket = self.directory / 'socket'
        self.process = None

    def start(self):
        self.stop()
        self.process = subprocess.Popen(['swtpm', 'socket', '--tpm2', '--tpmstate', f'dir={self.directory}', '--ctrl',
                                         f'type=unixio,path={self.socket}', '--flags', 'startup-clear'],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        end = time.monotonic() + 30
        while not self.socket.exists():
            if time.monotonic() > end:
                raise ImageError('swtpm does not start')
            time.sleep(0.05)
        return self.socket

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait()
        self.socket.unlink(missing_ok=True)
        self.process = None

    def clear(self):
        for path in self.directory.glob('tpm2-*'):
            path.unlink()


def forwards():
    """The developer's machine reaches the box: admin on 8443, mail on 2525."""
    return {'wan': 'user,id=wan,net=192.0.2.0/24,host=192.0.2.2,hostfwd=tcp:127.0.0.1:2525-192.0.2.25:25',
            'lan': 'user,id=lan,net=198.51.100.0/24,host=198.51.100.2',
            'mgmt': 'user,id=mgmt,hostfwd=tcp:127.0.0.1:8443-:443'}


def run(output):
    """The box on this terminal. Its disk is kept beside the image, so that it remembers; Ctrl-A X ends it."""
    if not (output / 'disk.img').exists():
        raise ImageError(f'{output}/disk.img is not there: run make image')
    kept = output / 'run.img'
    if not kept.exists() or kept.stat().st_mtime < (output / 'disk.img').stat().st_mtime:
        subprocess.run(['cp', '--sparse=always', output / 'disk.img', kept], check=True)
    with tempfile.TemporaryDirectory(prefix='postern-run-') as work:
        accel = accelerator()
        machine = Machine(work, kept, accel, forwards())
        say(f'{accel}; web admin on https://127.0.0.1:8443/, mail on 127.0.0.1:2525; Ctrl-A X ends it, removing {kept} makes the box new')
        words = machine.words() + ['-chardev', 'stdio,id=line,mux=on,signal=off', '-serial', 'chardev:line', '-mon', 'chardev=line']
        return subprocess.run(words, stdin=sys.stdin, check=False).returncode
