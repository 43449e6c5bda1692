"""Commands, and faults in one line."""
import subprocess
import sys


class ImageError(Exception):
    """One line: what is wrong, and what to do where that is known."""


def say(text):
    print(f'image: {text}', file=sys.stderr, flush=True)


def run(*command, data=None, **more):
    """Runs a command to its end and returns what it printed, as text."""
    command = [str(word) for word in command]
    try:
        done = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    except FileNotFoundError:
        raise ImageError(f'{command[0]} is not installed: run tools/setup/install-packages') from None
    if done.returncode != 0:
        words = (done.stderr or done.stdout).decode(errors='replace').strip().splitlines()
        raise ImageError(f'{" ".join(command[:4])} failed ({done.returncode}): {(words or ["no word"])[-1]}')
    return done.stdout.decode(errors='replace')


def align(number, to):
    return -(-number // to) * to
