"""A mail server that takes everything over TLS and keeps nothing: the next hop of the rows about mail out.

  python3 -m tools.bench.tls_sink ADDRESS CHAIN COUNTS

It writes to COUNTS, every second, one line of JSON: messages so far, connections so far, connections open now.
"""
import asyncio
import json
import ssl
import sys
import time


class Sink:
    def __init__(self, chain):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(chain)
        self.messages = self.connections = self.open = 0

    async def serve(self, reader, writer):
        self.connections += 1
        self.open += 1
        try:
            writer.write(b'220 sink ESMTP\r\n')
            while (line := await reader.readline()):
                if not await self.command(line[:4].upper(), reader, writer):
                    break
        except (OSError, ValueError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()

    async def command(self, verb, reader, writer):
        if verb == b'EHLO':
            tls = writer.get_extra_info('ssl_object')
            writer.write(b'250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE\r\n' + (b'250 DSN\r\n' if tls else b'250 STARTTLS\r\n'))
        elif verb == b'STAR':
            writer.write(b'220 go\r\n')
            await writer.start_tls(self.context)
        elif verb == b'DATA':
            writer.write(b'354 go\r\n')
            await reader.readuntil(b'\r\n.\r\n')
            self.messages += 1
            writer.write(b'250 2.0.0 Ok\r\n')
        elif verb == b'QUIT':
            writer.write(b'221 bye\r\n')
            return False
        else:
            writer.write(b'250 2.0.0 Ok\r\n')
        return True

    async def tell(self, file):
        with open(file, 'a', buffering=1, encoding='utf-8') as out:
            while True:
                out.write(json.dumps({'at': time.time(), 'messages': self.messages, 'connections': self.connections, 'open': self.open}) + '\n')
                await asyncio.sleep(1)


async def main(address, chain, counts):
    sink = Sink(chain)
    await asyncio.start_server(sink.serve, address, 25, limit=1 << 24, backlog=1000)
    await sink.tell(counts)


if __name__ == '__main__':
    asyncio.run(main(*sys.argv[1:]))
