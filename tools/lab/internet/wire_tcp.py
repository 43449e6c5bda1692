"""The wire's TCP: mail and policies pass to the server behind, but for addresses an attacker holds.

Modes of a mail host's address: pass; refuse; hang; strip (STARTTLS is taken out); broken (TLS is promised, noise comes);
cut (ends in the middle); clear (the attacker's server, no TLS); evil-self, evil-unknown, evil-web (the attacker's server
with a certificate: self-signed, of an unknown authority, of the public one for the attacker's own name).
Modes of a policy host's address: pass, refuse, hang, cut, evil (the attacker's policies).

What passes is watched: a recipient named in the clear is told, with the host it was meant for.
"""
import asyncio
import collections
import re
import socket
import struct

from tools.lab.internet.mailhost import Mailhost, Profile

RECIPIENT = re.compile(rb'RCPT TO:<([^>]*)>', re.I)
MAIL_BEHIND, WEB_BEHIND, WEB_EVIL = 2525, 4443, 4444


def reset(writer):
    """RST, as from a port where nothing listens."""
    made = writer.get_extra_info('socket')
    if made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    writer.transport.abort()


async def copy(reader, writer, look=None):
    try:
        while data := await reader.read(65536):
            data = look(data) if look else data
            if data is None:
                break
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        writer.close()


class Tap:
    """Watches one direction until TLS begins."""

    def __init__(self, tell):
        self.tell, self.tls = tell, False

    def look(self, data):
        self.tls = self.tls or data[:2] == b'\x16\x03'
        if not self.tls and (named := RECIPIENT.findall(data)):
            self.tell(kind='clear', recipients=[name.decode('utf-8', 'replace') for name in named])
        return data


def strip_offer(data):
    """The server's words without STARTTLS."""
    return re.sub(rb'(250[ -])STARTTLS', rb'\1X-NOTHING', data)


class Tcp:
    def __init__(self, hosts, mailbox, tell):
        self.hosts, self.mailbox, self.tell = hosts, mailbox, tell    # address -> {'name', 'mode', 'profile', 'evil'}
        self.smtp, self.web = {}, {}
        self.hits = collections.Counter()

    async def mail(self, reader, writer):
        address = writer.get_extra_info('sockname')[0]
        host = self.hosts[address]
        mode = self.smtp.get(address) or host['mode']
        if mode != host['mode']:
            self.hits[f'{host["name"]} {mode}'] += 1
        told = lambda **what: self.tell(host=host['name'], address=address, mode=mode, evil=self.is_evil(host, mode), **what)
        try:
            await self.mail_by(mode, host, address, reader, writer, told)
        except OSError:
            writer.close()

    @staticmethod
    def is_evil(host, mode):
        return host.get('attacker', False) or mode == 'clear' or mode.startswith('evil')

    async def mail_by(self, mode, host, address, reader, writer, told):
        if mode == 'refuse':
            return reset(writer)
        if mode == 'hang':
            await reader.read()
            return writer.close()
        if mode == 'broken':
            return await self.broken(Tap(told), reader, writer)
        if mode == 'host':
            return await Mailhost(Profile(**host['profile']), self.mailbox, told).serve(reader, writer)
        if mode == 'clear' or mode.startswith('evil-'):
            chain = host['evil'].get(mode[5:], '') if mode != 'clear' else ''
            return await Mailhost(Profile(host['name'], chain, evil=True, requiretls=True), self.mailbox, told).serve(reader, writer)
        behind = await asyncio.open_connection(address, MAIL_BEHIND)
        tap = Tap(told)
        end = self.cutter() if mode == 'cut' else None
        await asyncio.gather(copy(reader, behind[1], lambda data: end(tap.look(data)) if end else tap.look(data)),
                             copy(behind[0], writer, strip_offer if mode == 'strip' else None))
        for one in (behind[1], writer):
            one.close()

    @staticmethod
    def cutter(limit=900):
        left = [limit]

        def look(data):
            left[0] -= len(data)
            return data if left[0] > 0 else None
        return look

    @staticmethod
    async def broken(tap, reader, writer):
        """Promises TLS and sends noise; a second try in the clear passes to the server behind."""
        address = writer.get_extra_info('sockname')[0]
        behind = await asyncio.open_connection(address, MAIL_BEHIND)
        promised = []

        def from_client(data):
            if data.upper().startswith(b'STARTTLS'):
                promised.append(True)
                writer.write(b'220 2.0.0 go ahead\r\n')
                return b''
            if promised:
                writer.write(b'\x15\x03\x01noise' * 3)
                return None
            return tap.look(data)
        await asyncio.gather(copy(reader, behind[1], from_client), copy(behind[0], writer))
        for one in (behind[1], writer):
            one.close()

    async def policy(self, reader, writer):
        address = writer.get_extra_info('sockname')[0]
        mode = self.web.get(address, 'pass')
        if mode != 'pass':
            self.hits[f'{address} {mode}'] += 1
        try:
            if mode == 'refuse':
                return reset(writer)
            if mode == 'hang':
                await reader.read()
                return writer.close()
            behind = await asyncio.open_connection(address, WEB_EVIL if mode == 'evil' else WEB_BEHIND)
            end = self.cutter(300) if mode == 'cut' else None
            await asyncio.gather(copy(reader, behind[1], end), copy(behind[0], writer))
            for one in (behind[1], writer):
                one.close()
        except OSError:
            reset(writer)
