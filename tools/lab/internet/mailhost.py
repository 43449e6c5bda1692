"""The lab's own mail server: what Postfix lacks (REQUIRETLS), chosen replies, and the attacker's server.

It takes one message after another and writes each down the way Postfix does, with a Received line that says whether it
came over TLS. What it heard before the end of a message is told too: an attacker's server that hears a recipient's
address has already won.
"""
import asyncio
import dataclasses
import re
import ssl
import time


@dataclasses.dataclass
class Profile:
    name: str
    chain: str = ''              # key and chain in one file; '' has no TLS
    requiretls: bool = False
    reply: str = ''              # to RCPT, instead of 250
    offer: bool = True           # STARTTLS is in the answer to EHLO
    evil: bool = False


class Mailhost:
    """One connection."""

    def __init__(self, profile, mailbox, tell):
        self.profile, self.mailbox, self.tell = profile, mailbox, tell
        self.tls, self.cipher, self.helo = '', '', ''
        self.sender, self.recipients, self.asked = '', [], []

    async def serve(self, reader, writer):
        self.reader, self.writer = reader, writer
        try:
            await self.say(f'220 {self.profile.name} ESMTP lab')
            while line := await asyncio.wait_for(reader.readline(), 120):
                if not await self.command(line.decode('utf-8', 'replace').rstrip('\r\n')):
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError, ValueError) as fault:
            self.tell(kind='broken', what=str(fault))
        finally:
            self.tell(kind='session', tls=self.tls, asked=self.asked)
            writer.close()

    async def say(self, text):
        self.writer.write(text.encode() + b'\r\n')
        await self.writer.drain()

    async def command(self, line):
        """False ends the session."""
        verb = line.split(' ', 1)[0].upper()
        act = {'EHLO': self.ehlo, 'HELO': self.ehlo, 'STARTTLS': self.starttls, 'MAIL': self.mail, 'RCPT': self.rcpt,
               'DATA': self.data, 'BDAT': self.bdat, 'RSET': self.reset, 'QUIT': self.quit}.get(verb)
        if not act:
            await self.say('250 2.0.0 Ok' if verb == 'NOOP' else '502 5.5.2 unknown')
            return True
        return await act(line) is not False

    async def ehlo(self, line):
        self.helo = line.partition(' ')[2]
        words = [self.profile.name, 'SIZE 62914560', '8BITMIME', 'SMTPUTF8', 'PIPELINING', 'CHUNKING', 'DSN', 'ENHANCEDSTATUSCODES']
        if self.profile.chain and self.profile.offer and not self.tls:
            words.append('STARTTLS')
        if self.profile.requiretls and self.tls:
            words.append('REQUIRETLS')
        await self.say('\r\n'.join(f'250-{word}' for word in words[:-1]) + f'\r\n250 {words[-1]}')

    async def starttls(self, _):
        if not self.profile.chain or self.tls:
            return await self.say('502 5.5.1 no')
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.profile.chain)
        await self.say('220 2.0.0 go ahead')
        try:
            await self.writer.start_tls(context, ssl_handshake_timeout=20)
        except (OSError, ssl.SSLError) as fault:
            self.tell(kind='handshake', what=str(fault))
            return False
        made = self.writer.get_extra_info('ssl_object')
        self.tls, self.cipher = made.version(), made.cipher()[0]
        return True

    async def mail(self, line):
        self.sender, self.recipients = (re.findall(r'<(.*?)>', line) or [''])[0], []
        self.asked.append(line)
        if 'REQUIRETLS' in line.upper() and not (self.profile.requiretls and self.tls):
            return await self.say('555 5.5.4 REQUIRETLS is not offered')
        await self.say('250 2.1.0 Ok')

    async def rcpt(self, line):
        self.asked.append(line)
        if self.profile.reply:
            return await self.say(self.profile.reply)
        self.recipients += re.findall(r'<(.*?)>', line)[:1]
        await self.say('250 2.1.5 Ok')

    async def data(self, _):
        if not self.recipients:
            return await self.say('503 5.5.1 no recipient')
        await self.say('354 go ahead')
        lines = []
        while (line := await asyncio.wait_for(self.reader.readline(), 120)) not in (b'.\r\n', b''):
            lines.append(line[1:] if line.startswith(b'.') else line)
        await self.store(b''.join(lines))

    async def bdat(self, line):
        words = line.split()
        chunk = await self.reader.readexactly(int(words[1]))
        self.chunks = getattr(self, 'chunks', b'') + chunk
        if len(words) > 2:
            whole, self.chunks = self.chunks, b''
            return await self.store(whole)
        await self.say('250 2.0.0 Ok')

    async def reset(self, _):
        self.recipients = []
        await self.say('250 2.0.0 Ok')

    async def quit(self, _):
        await self.say('221 2.0.0 bye')
        return False

    async def store(self, message):
        how = f'\n\t(using {self.tls} with cipher {self.cipher})' if self.tls else ''
        for number, recipient in enumerate(self.recipients):
            head = (f'Return-Path: <{self.sender}>\nX-Original-To: {recipient}\nDelivered-To: {recipient}\n'
                    f'Received: from {self.helo}{how}\n\tby {self.profile.name} with ESMTP; lab\n').encode()
            path = self.mailbox / 'tmp' / f'{time.time_ns()}.{id(self)}.{number}'
            path.write_bytes(head + message.replace(b'\r\n', b'\n'))
            path.rename(self.mailbox / 'new' / path.name)
        found = re.search(rb'^X-Lab-Id: (\S+)', message[:65536], re.M)
        self.tell(kind='message', id=found.group(1).decode() if found else '', tls=self.tls, recipients=self.recipients)
        await self.say('250 2.0.0 Ok: stored')
