"""The wire between the box and the internet, a process of its own: transparent until it is told to be an attacker.

  python3 -m tools.lab.internet.wire PLAN

PLAN is a JSON file (see plan() in world.py). It holds every address of a name server, mail host and policy host on the
ports the world knows, and passes to the real servers behind on ports of their own. Orders come over a UNIX socket, one
JSON object per line: {"dns": [rules], "smtp": {address: mode}, "web": {address: mode}}; each answer tells what was done.
"""
import asyncio
import json
import pathlib
import resource
import sys
import time

from tools.lab.internet.wire_dns import Front, Resolving
from tools.lab.internet.wire_tcp import Tcp


class Wire:
    def __init__(self, plan):
        self.plan = plan
        self.log = open(plan['log'], 'a', buffering=1, encoding='utf-8')
        self.dns = Resolving(plan['dns_behind'], plan['dns_habits'])
        self.tcp = Tcp(plan['hosts'], pathlib.Path(plan['mailbox']), self.tell)
        self.always = plan['rules']
        self.dns.rules = list(self.always)

    def tell(self, **what):
        self.log.write(json.dumps({'at': time.time()} | what) + '\n')

    def obey(self, order):
        """Sets what is named and leaves the rest; counts of what was done since the last order come back."""
        if 'dns' in order:
            self.dns.rules = self.always + order['dns']
        if 'smtp' in order:
            self.tcp.smtp = order['smtp']
        if 'web' in order:
            self.tcp.web = order['web']
        done = {'dns': dict(self.dns.hits), 'tcp': dict(self.tcp.hits), 'asked': self.dns.asked}
        if order.get('forget'):
            self.dns.hits.clear()
            self.tcp.hits.clear()
        return done

    async def control(self, reader, writer):
        while line := await reader.readline():
            writer.write(json.dumps(self.obey(json.loads(line))).encode() + b'\n')
            await writer.drain()
        writer.close()

    async def run(self):
        loop = asyncio.get_running_loop()
        for address in self.plan['dns']:
            await loop.create_datagram_endpoint(lambda address=address: Front(self.dns, address), local_addr=(address, 53))
            await asyncio.start_server(self.dns.stream, address, 53, backlog=200)
        for address in self.plan['hosts']:
            await asyncio.start_server(self.tcp.mail, address, 25, backlog=200)
        for address in self.plan['web']:
            await asyncio.start_server(self.tcp.policy, address, 443)
        await asyncio.start_unix_server(self.control, self.plan['control'])
        await asyncio.Event().wait()


def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (16384, 16384))
    with open(sys.argv[1], encoding='utf-8') as file:
        wire = Wire(json.load(file))
    asyncio.run(wire.run())


if __name__ == '__main__':
    main()
