"""Sends the lab's messages with programs that are not ours (swaks, Postfix) and with the small client."""
import dataclasses
import json
import re
import sys
import time

from tools.lab.shell import run


@dataclasses.dataclass
class Sent:
    code: int           # what the box (or the first hop) said last
    text: str
    seconds: float
    tls: str = ''
    cipher: str = ''


SWAKS_TLS = re.compile(r'^=== TLS started with cipher (\S+?):(\S+?):\d+', re.M)
SWAKS_REPLY = re.compile(r'^(?:<~[* ]|<[-*~ ]{2}) +(\d{3}[ -].*)$', re.M)


class Senders:
    def __init__(self, network, directory):
        self.network, self.directory = network, directory
        self.ways = {'swaks': self.swaks, 'client': self.client, 'postfix': self.postfix}

    def send(self, message):
        path = self.directory / f'{message.name}.eml'
        path.write_bytes(message.data)
        began = time.monotonic()
        sent = self.ways[message.way](message, path)
        sent.seconds = time.monotonic() - began
        return sent

    def swaks(self, message, path):
        """swaks stuffs the dots, puts CRLF and ends the last line itself, so it is given LF and an open last line."""
        path.write_bytes(message.data.replace(b'\r\n', b'\n').removesuffix(b'\n'))
        done = self.network.run('internet', 'swaks', '--from', message.sender, '--to', ','.join(message.recipients), '--data',
                                f'@{path}', '--suppress-data', '--timeout', '60s', '--helo', 'client.sender.example',
                                *message.options, check=False, timeout=120)
        text = done.stdout.decode(errors='replace')
        replies = [r for r in SWAKS_REPLY.findall(text) if not r.startswith('221')] or ['000 no reply']
        tls = SWAKS_TLS.search(text)
        return Sent(int(replies[-1][:3]), replies[-1][4:], 0, *(tls.groups() if tls else ()))

    def client(self, message, path):
        to = [word for r in message.recipients for word in ('--to', r)]
        done = self.network.run('internet', sys.executable, '-m', 'tools.lab.client', '--from', message.sender, '--data', path, *to,
                                *message.options, check=False, timeout=120)
        answer = json.loads(done.stdout.decode().strip().splitlines()[-1])
        refused = [code for code in answer.get('recipients', {}).values() if code != 250]
        return Sent(refused[0] if refused else answer['code'], answer['text'], 0, answer.get('tls') or '', answer.get('cipher') or '')

    def postfix(self, message, path):
        """Handed to the internet's Postfix on its loopback; it relays to the box on its own."""
        to = [word for r in message.recipients for word in ('--to', r)]
        done = self.network.run('internet', sys.executable, '-m', 'tools.lab.client', '--server', '127.0.0.1', '--port', '2525', '--tls',
                                'none', '--from', message.sender, '--data', path, *to, check=False)
        answer = json.loads(done.stdout.decode().strip().splitlines()[-1])
        return Sent(answer['code'], answer['text'], 0)


def prepare_swaks():
    """swaks says itself what it lacks; better here than in the middle."""
    done = run('swaks', '--support', check=False).stdout.decode(errors='replace')
    return [line for line in done.splitlines() if 'not available' in line.lower() and re.search(r'TLS|IPv6', line)]
