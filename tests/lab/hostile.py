"""Clients that mean ill, or behave as if they did: bounded cost, and counters that tell them apart."""
import json
import time

from tests.lab.harness import Skip, address, check, test
from tests.lab.raw import Raw
from tools.lab import gateway
from tools.lab.network import MORE4
from tools.lab.shell import wait_for

VECTORS = gateway.ROOT.parent / 'shared/conformance/vectors/smtp-smuggling.json'


def grown(before, after):
    """Counters that went up, by name."""
    return {name: value - before.get(name, 0) for name, value in after.items() if value > before.get(name, 0)}


def grown_after(box, before, wanted, seconds=10):
    """Waits until one of the wanted counters went up; counters reach control a moment later."""
    def look():
        now = grown(before, box.counters())
        return {n: v for n, v in now.items() if n.rsplit('.', 1)[-1] in wanted}
    return wait_for(look, seconds, f'counter among {wanted}', step=0.2)


@test
def ten_thousand_connections_stay_open(bench):
    """From 32 addresses; mail still passes among them; the memory they cost is measured.

    More are tried than have to open: a handshake that a SYN cookie answered is lost with its last acknowledgment.
    """
    words = [w for a in MORE4 for w in ('--source', a)]
    tls = ['--tls', 'starttls'] if bench.long else ['--tls', 'none']
    with bench.box({'tls.arena_bytes': '1G'}) as box:
        before = box.resident_kb()
        with bench.load_running('--mode', 'idle', '--connections', 10800, '--seconds', 100000, *tls, *words) as load:
            wait_for(lambda: box.counters()['shard.sessions_in_open'] >= 10000, 60 if not bench.long else 300, '10,000 sessions', step=0.5)
            time.sleep(3)  # the last ones read their greeting
            during = box.resident_kb()
            fresh = bench.load('--total', 20, '--connections', 2, '--id', f'{bench.name}-among')
            check(fresh['accepted'] == 20, f'mail among them: {fresh["errors"]}')
            report = load.stop()
        check(report['idle_open'] >= 10000, f'{report["idle_open"]} of 10800 open; {report["errors"]}')
        bench.note(f'{(during - before) / 10000:.1f} KB each, {during // 1024} MB in all')
        wait_for(lambda: bench.load('--total', 1, '--connections', 1)['accepted'] == 1, 20, 'mail after they left', step=0.5)


@test
def two_thousand_tls_connections_stay_open(bench):
    """Handshakes done, nothing sent: memory per idle TLS connection is measured."""
    words = [w for a in MORE4 for w in ('--source', a)]
    with bench.box({'tls.arena_bytes': '1G'}) as box:
        bench.load('--total', 5, '--connections', 5)
        before = box.resident_kb()
        with bench.load_running('--mode', 'idle', '--connections', 2000, '--seconds', 100000, *words) as load:
            wait_for(lambda: box.counters()['shard.sessions_in_open'] >= 2000, 60, '2,000 sessions', step=0.5)
            time.sleep(8)  # the last ones end their handshakes
            during = box.resident_kb()
            report = load.stop()
        check(report['idle_open'] == 2000, f'{report["idle_open"]} of 2000 open; {report["errors"]}')
        bench.note(f'{(during - before) / 2000:.1f} KB each')


@test
def a_slow_loris_is_ended_and_counted(bench):
    """One byte a second in DATA: the time for a whole message ends it, although it is never silent for long."""
    with bench.box({'smtp.message_timeout': '4s', 'smtp.data_timeout': '3s'}) as box:
        before, clients = box.counters(), [Raw(bench.network) for _ in range(20)]
        for client in clients:
            client.greet()
            check(client.envelope('slow@sender.example', address('alice')) == 354, client.last)
            client.send('X-Lab-Id: loris-1\r\n\r\n')
        end = time.monotonic() + 15
        gone = set()
        while len(gone) < len(clients) and time.monotonic() < end:
            for client in set(clients) - gone:
                try:
                    client.send('x')
                    if client.closed(0.02):
                        gone.add(client)
                except OSError:
                    gone.add(client)
            time.sleep(0.5)
        check(len(gone) == len(clients), f'{len(clients) - len(gone)} of {len(clients)} still sit there')
        counted = grown_after(box, before, {'closed_slow_message'})
        check(sum(counted.values()) == len(clients), f'counted: {counted}')
        bench.note('smtp closed_slow_message')


@test
def a_silent_client_is_ended_and_counted_apart(bench):
    with bench.box({'smtp.command_timeout': '2s'}) as box, Raw(bench.network) as client:
        before = box.counters()
        client.greet()
        check(client.closed(8), 'silence has an end')
        check(client.last.startswith('421'), client.last)
        counted = grown_after(box, before, {'closed_timeout'})
        check('closed_slow_message' not in str(counted), f'{counted}')


@test
def a_client_that_never_reads_costs_bounded_memory(bench):
    """Endless commands, replies never fetched: the box stops reading instead of piling replies up, and ends it."""
    with bench.box({'smtp.command_timeout': '8s'}) as box:
        bench.load('--total', 5, '--connections', 1)
        before, memory = box.counters(), box.resident_kb()
        clients = [Raw(bench.network, buffers=16384) for _ in range(20)]
        for client in clients:
            client.greet()
            client.socket.settimeout(0.1)
        pushed = sum(push(client) for client in clients)
        grew = box.resident_kb() - memory
        check(pushed < 20 * 1_000_000, f'{pushed >> 20} MB of commands were taken: nothing pushed back')
        check(grew < 32 * 1024, f'{grew} KB more memory')
        check(bench.load('--total', 5, '--connections', 1, '--id', f'{bench.name}-after')['accepted'] == 5, 'others are served')
        wait_for(lambda: sum(grown_after(box, before, {'never_reads'}, 30).values()) == 20, 30, 'all twenty ended and counted')
        for client in clients:
            client.socket.close()
        bench.note(f'{pushed // 20480} KB taken from each, {grew // 20} KB more memory each, shard never_reads')


def push(client):
    """Sends commands until the box stops taking them; how many bytes went."""
    pushed = 0
    try:
        for _ in range(2000):
            pushed += client.socket.send(b'EHLO client.sender.example\r\n' * 100)
    except OSError:
        pass
    return pushed


@test
def a_reset_in_the_middle_of_data_leaves_nothing_behind(bench):
    """RST inside a message: the half message is dropped, its room is given back, and it is counted."""
    with bench.box() as box:
        before = box.counters()
        for number in range(20):
            client = Raw(bench.network)
            client.greet()
            check(client.envelope('reset@sender.example', address('alice')) == 354, client.last)
            client.send(f'X-Lab-Id: reset-{number}\r\n\r\n' + 'x' * 70 + '\r\n')
            client.send((b'y' * 70 + b'\r\n') * 700)
            client.reset()
        wait_for(lambda: sum(grown_after(box, before, {'reset_in_data'}).values()) >= 20, 5, 'all twenty counted')
        check(not bench.arrived('reset'), 'half a message is never delivered')
        check(bench.load('--total', 5, '--connections', 1)['accepted'] == 5, 'others are served')
        bench.note('shard reset_in_data')


@test
def bytes_pipelined_behind_starttls_are_refused(bench):
    """Also when they come in the same segment as STARTTLS; the injected command is never carried out."""
    with bench.box() as box:
        before = box.counters()
        for rest in ('MAIL FROM:<evil@sender.example>\r\n', 'EHLO evil\r\n', 'x', '\r\n'):
            with Raw(bench.network) as client:
                client.greet()
                client.send('STARTTLS\r\n' + rest)
                code = client.reply()
                check(code != 220, f'{rest!r} behind STARTTLS heard {code}')
        counted = grown_after(box, before, {'refused_tls_injection'})
        check(sum(counted.values()) == 4, f'{counted}')


@test
def nothing_but_crlf_dot_crlf_ends_a_message(bench):
    """The smuggling sequences: none lets a second message in."""
    if not VECTORS.exists():
        raise Skip('no conformance vectors here')
    vectors = json.loads(VECTORS.read_text())['sequences']
    with bench.box():
        for number, vector in enumerate(vectors):
            middle, ends = bytes.fromhex(vector['bytes_hex']), vector['ends_data']
            with Raw(bench.network) as client:
                client.greet()
                check(client.envelope('smuggler@sender.example', address('alice')) == 354, client.last)
                client.send(f'X-Lab-Id: smuggle-{number}\r\n\r\nfirst'.encode() + middle)
                client.send(f'MAIL FROM:<evil@sender.example>\r\nRCPT TO:<{address("bob")}>\r\nDATA\r\n'
                            f'X-Lab-Id: smuggled-{number}\r\n\r\nsecond\r\n.\r\nQUIT\r\n')
                codes = []
                while (code := client.reply()) and code != 221:
                    codes.append(code)
            check(('354' in map(str, codes)) == ends, f'sequence {vector["bytes_hex"]}: replies {codes}')
        bench.load('--total', 3, '--connections', 1)
        bench.wait_arrived()
        second = {name for name in bench.arrived('smuggled')}
        expected = {f'smuggled-{n}' for n, v in enumerate(vectors) if v['ends_data']}
        wait_for(lambda: set(bench.arrived('smuggled')) >= expected, 15, 'the honest second message')
        check(second <= expected, f'smuggled in: {second - expected}')
        bench.note(f'{len(vectors)} sequences')


@test
def many_errors_end_a_session(bench):
    with bench.box({'smtp.errors_per_session': 5}) as box, Raw(bench.network) as client:
        before = box.counters()
        client.greet()
        codes = [client.ask('NONSENSE') for _ in range(8)]
        check(421 in codes or 0 in codes, f'{codes}')
        grown_after(box, before, {'closed_errors'})


@test
def a_browser_that_speaks_http_is_sent_away(bench):
    with bench.box() as box, Raw(bench.network) as client:
        before = box.counters()
        client.reply()
        client.send('GET / HTTP/1.1\r\nHost: mx.example.org\r\n\r\n')
        check(client.closed(5), 'the session is over')
        grown_after(box, before, {'closed_foreign_protocol'})


def storm(bench, box):
    """A thousand messages and five hundred handshakes; over when nothing waits any more."""
    bench.load('--total', 1000, '--connections', 30, '--per-connection', 2)
    bench.load('--mode', 'handshake', '--total', 500, '--connections', 30)
    wait_for(lambda: box.postern_json('queue') == [], 60, 'an empty queue')


def core_memory_after(box, limit, seconds):
    """Bytes of the core's memory in use, once it is below the limit or the time is over."""
    end = time.monotonic() + seconds
    while (used := box.counters()['dataplane.arena_used']) >= limit and time.monotonic() < end:
        time.sleep(0.2)
    return used


@test
def memory_is_the_same_after_a_storm(bench):
    """Thousands of sessions: what they took is given back. The spool's tables
    follow the longest queue so far, so one round may take more; what grows in every round is a leak."""
    with bench.box() as box:
        storm(bench, box)  # pools and tables take their pages when they are first used
        resident = box.resident_kb()
        storms, told = bench.rounds(6, 50), []
        for _ in range(3):
            used = box.counters()['dataplane.arena_used']
            for _ in range(storms):
                storm(bench, box)
            limit = used + storms * 1500 * 10  # ten bytes kept for each session would be seen
            told.append(core_memory_after(box, limit, 10) - used)
            if used + told[-1] < limit:
                break
        else:
            check(False, f'bytes kept on the core in each round of {storms} storms: {told}')
        grew = box.resident_kb() - resident
        # The longest queue so far decides it: pages that it touched stay with the arena.
        check(grew < 24 * 1024, f'{grew} KB more after {len(told)} times {storms} storms')
        bench.note(f'{grew} KB more in {len(told)} times {storms} storms; bytes on the core: {told}')
