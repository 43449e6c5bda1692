"""The wire's DNS: questions pass to the name server behind, but for those a rule is about.

A rule is (name, type, action[, value]); name may be *.x for all below x, type may be *. The last rule that fits wins.

  servfail refused nxdomain nodata   an answer nobody signed          drop          none at all
  corrupt                            the true answer, signatures bad  strip         the true answer without signatures
  truncate                           UDP: only the hint to use TCP    forge VALUE   records of the attacker
  renew                              TXT: a new id                    slow          the true answer, late
"""
import asyncio
import collections
import struct

from tools.lab.internet import dns_message as dns

CODES = {'servfail': dns.SERVFAIL, 'refused': dns.REFUSED, 'nxdomain': dns.NXDOMAIN, 'nodata': 0}
LATE = 0.3


def fits(rule, name, kind):
    place = rule[0].lower()
    here = place == name or (place.startswith('*.') and (name.endswith(place[1:]) or name == place[2:])) or place == '*'
    return here and rule[1] in ('*', kind)


class Resolving:
    """What happens to a question; shared by UDP and TCP."""

    def __init__(self, upstream_port, habits):
        self.port, self.habits = upstream_port, habits     # habits: address -> slow, drop
        self.rules, self.hits, self.asked = [], collections.Counter(), 0

    def rule_for(self, name, kind):
        return next((r for r in reversed(self.rules) if fits(r, name, kind)), None)

    async def reply(self, query, server, stream):
        """The answer, or None for none."""
        self.asked += 1
        try:
            name, kind, _ = dns.question(query)
        except (IndexError, struct.error):
            return None
        habit = self.habits.get(server, '')
        if habit == 'drop':
            return None
        rule = self.rule_for(name, kind)
        action = rule[2] if rule else 'pass'
        if action == 'truncate' and stream:
            action = 'pass'
        if action != 'pass':
            self.hits[f'{name} {kind} {action}'] += 1
        if action == 'drop':
            return None
        if action in CODES:
            return dns.empty(query, CODES[action])
        if action == 'truncate':
            return dns.truncated(query)
        if action == 'forge':
            return dns.answer(query, kind, *[dns.data_of(kind, v) for v in rule[3:]])
        if action == 'renew':
            return dns.answer(query, kind, dns.data_of('TXT', 'v=STSv1; id=renewed;'))
        if habit == 'slow' or action == 'slow':
            await asyncio.sleep(LATE)
        true = await self.ask(query, server, stream)
        return self.spoil(true, action) if true else None

    @staticmethod
    def spoil(packet, action):
        if action == 'corrupt':
            return dns.corrupt(packet)
        if action == 'strip':
            return dns.without_signatures(packet)
        return packet

    async def ask(self, query, server, stream):
        try:
            return await asyncio.wait_for(self.ask_stream(query, server) if stream else self.ask_datagram(query, server), 3)
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError):
            return None

    async def ask_datagram(self, query, server):
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        transport, _ = await loop.create_datagram_endpoint(lambda: Upstream(done), remote_addr=(server, self.port))
        try:
            transport.sendto(query)
            return await done
        finally:
            transport.close()

    async def ask_stream(self, query, server):
        reader, writer = await asyncio.open_connection(server, self.port)
        try:
            writer.write(struct.pack('>H', len(query)) + query)
            length, = struct.unpack('>H', await reader.readexactly(2))
            return await reader.readexactly(length)
        finally:
            writer.close()

    async def stream(self, reader, writer):
        """One TCP connection: question after question."""
        server = writer.get_extra_info('sockname')[0]
        try:
            while True:
                length, = struct.unpack('>H', await reader.readexactly(2))
                made = await self.reply(await reader.readexactly(length), server, True)
                if made is None:
                    break
                writer.write(struct.pack('>H', len(made)) + made)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


class Upstream(asyncio.DatagramProtocol):
    def __init__(self, done):
        self.done = done

    def datagram_received(self, data, _):
        if not self.done.done():
            self.done.set_result(data)

    def error_received(self, fault):
        if not self.done.done():
            self.done.set_exception(fault)


class Front(asyncio.DatagramProtocol):
    """UDP port 53 of one address."""

    def __init__(self, resolving, server):
        self.resolving, self.server, self.tasks = resolving, server, set()

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, peer):
        task = asyncio.get_running_loop().create_task(self.answer(data, peer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def answer(self, data, peer):
        made = await self.resolving.reply(data, self.server, False)
        if made is not None:
            self.transport.sendto(made, peer)
