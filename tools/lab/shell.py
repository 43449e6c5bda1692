"""Commands, processes and the promise to clean up.

What always holds: whatever a Workplace started or made is ended or removed by its `close`, in reverse order; a fault
is one LabError with one line a person can act on.
"""
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time


class LabError(Exception):
    """One line: what is wrong, and what to do where that is known."""


def say(text):
    print(text, flush=True)


def run(*command, check=True, timeout=60, **more):
    """Runs a command to its end; output is captured."""
    command = [str(c) for c in command]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, **more)
    except FileNotFoundError:
        raise LabError(f'{command[0]} is not installed: run make build') from None
    except subprocess.TimeoutExpired:
        raise LabError(f'no end within {timeout} s: {" ".join(command)}') from None
    if check and done.returncode != 0:
        tail = done.stdout.decode(errors='replace').strip().splitlines()[-1:] or ['']
        raise LabError(f'{" ".join(command)} failed ({done.returncode}): {tail[0]}')
    return done


def wait_for(condition, seconds, what, step=0.05):
    """Waits until `condition()` is true; returns its value. `what`: a text, or what makes one once it is too late."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise LabError(f'no {what() if callable(what) else what} within {seconds:g} s')
        time.sleep(step)


def alive(pid):
    """True for a process that runs; a zombie is dead."""
    try:
        return pathlib.Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()[0] != 'Z'
    except OSError:
        return False


def end_process(process, seconds=5):
    """Ends a process started by us and everything left in its group."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class Workplace:
    """A directory, a name, and a stack of things to undo."""

    def __init__(self, keep=False):
        if os.geteuid() != 0:
            raise LabError('the lab needs root: it makes network namespaces')
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix='postern-lab-'))
        self.directory.chmod(0o755)  # Postfix's unprivileged processes pass through it
        self.name = f'pl{os.getpid()}'
        self.keep = keep
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        before = [signal.signal(s, signal.SIG_IGN) for s in (signal.SIGINT, signal.SIGTERM)]
        try:
            self.stack.close()
        finally:
            if not self.keep:
                shutil.rmtree(self.directory, ignore_errors=True)
            for number, handler in zip((signal.SIGINT, signal.SIGTERM), before):
                signal.signal(number, handler)

    def defer(self, function, *arguments, **more):
        self.stack.callback(function, *arguments, **more)

    def path(self, name):
        """A directory of the run, made where it is missing."""
        path = self.directory / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def start(self, *command, log, **more):
        """Starts a process in a group of its own; it ends with the workplace."""
        with open(log, 'ab') as output:
            process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=output,
                                       stderr=subprocess.STDOUT, start_new_session=True, **more)
        self.defer(end_process, process)
        return process
