"""Our stack against programs that send what no honest peer sends: scapy, hping3, nmap, tcpreplay."""
import json
import os
import re
import subprocess
import time
import zlib

from tests.lab.harness import Skip, check, test
from tests.lab.tcp_wire import OURS4, OURS6, PEER4, SERVICES, Wire, download, pattern, upload
from tools.lab.shell import end_process, run, wait_for

HERE = os.path.dirname(__file__)
SCAPY = '/usr/bin/python3'  # Debian's, which has Debian's scapy
STRANGER = '192.0.2.77'


def scapy(wire, scenario):
    done = run(*wire.inside(wire.peer, SCAPY, f'{HERE}/scapy_peer.py', 'eth0', OURS4, STRANGER, scenario), check=False, timeout=60)
    lines = done.stdout.decode(errors='replace').strip().splitlines()
    if not lines or not lines[-1].startswith('{'):
        if "No module named 'scapy'" in done.stdout.decode():
            raise Skip('no python3-scapy')
        raise AssertionError(f'{scenario}: {lines[-1:]}')
    result = json.loads(lines[-1])
    check(result['ok'], f'{scenario}: {result["why"]}')
    return result


def still_serves(wire, size=300_000):
    """An honest client hears what it should."""
    for family in (4, 6):
        check(download(wire.connect('source', family), size) == pattern(size), f'IPv{family} is served')


@test
def tcp_challenges_blind_attackers(bench):
    """RFC 5961: RST, SYN and data guessed into the window."""
    with Wire(bench.place) as wire, wire.host() as host:
        seen = scapy(wire, 'blind_attacks')
        counted = host.counters()['tcp']
        answered, withheld = counted['challenges'], counted['challenges_withheld']
        check(answered + withheld >= seen['provoked'] and answered >= seen['challenges'] and withheld > 0, f'{answered} challenges, {withheld} withheld')
        still_serves(wire)
        bench.note(f'{answered} asked for, {withheld} withheld')


@test
def tcp_is_unmoved_by_nonsense(bench):
    """Every combination of flags, broken options, offsets and checksums, impossible addresses, overlaps."""
    with Wire(bench.place) as wire, wire.host() as host:
        for scenario in ('nonsense_segments', 'overlaps', 'storm'):
            scapy(wire, scenario)
        counted = host.counters()
        check(counted['tcp']['malformed'] > 0 and counted['tcp']['bad_checksum'] > 0 and counted['net']['dropped_martian'] > 0, 'counted')
        still_serves(wire)
        bench.note(f'{counted["net"]["frames_in"]} frames')


@test
def tcp_takes_honest_fragments_and_no_others(bench):
    # DPDK's af_packet lets the kernel put fragments together; af_xdp shows them as they came.
    with Wire(bench.place) as wire, wire.host(vdev='net_af_xdp0,iface=port0') as host:
        scapy(wire, 'fragments')
        counted = host.counters()['net']
        check(counted['reassembled'] == 1, f'{counted["reassembled"]} put together')
        check(counted['dropped_fragment_overlap'] >= 1 and counted['dropped_fragment_tiny'] > 500, 'overlaps and tiny ones are dropped')
        still_serves(wire)
        bench.note(f'{counted["fragments_in"]} fragments, {counted["dropped_fragment_source"]} refused by the share of one network')


@test
def tcp_does_not_believe_icmp(bench):
    with Wire(bench.place) as wire, wire.host() as host:
        scapy(wire, 'icmp_lies')
        counted = host.counters()['tcp']
        check(counted['icmp_ignored'] > 0, 'ignored and counted')
        check(counted['path_mtu_reduced'] == 0, 'no lie made segments smaller')
        still_serves(wire)


@test
def tcp_serves_through_a_syn_flood(bench):
    """hping3 as fast as it can from random sources: the open transfer goes on, new connections succeed, memory is bounded.

    What goodput the flood costs is not judged here, where flooder and stack share two CPUs: attack_test.cpp counts it on a
    clock of its own, and the bench measures it (`python3 -m tools.bench.tcp --only flood`)."""
    # Random sources are not on the link: without a route their answers would cost nothing at all.
    with Wire(bench.place) as wire, wire.host('--route', f'0.0.0.0/0,{PEER4}') as host:
        size = bench.rounds(30_000_000, 200_000_000)
        began = time.monotonic()
        check(len(download(wire.connect('source', timeout=180), size)) == size, 'before the flood')
        alone = time.monotonic() - began
        memory = host.resident_kb()
        flood = subprocess.Popen(wire.inside(wire.peer, 'nice', '-n', '10', 'hping3', '-q', '-S', '-p', SERVICES['source'], '--flood', '--rand-source', OURS4),
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            wait_for(lambda: host.counters()['tcp']['cookies_sent'] > 1000, 120, 'cookies: the table of handshakes is not full', step=0.2)
            began = time.monotonic()
            check(len(download(wire.connect('source', timeout=180), size)) == size, 'during the flood')
            during = time.monotonic() - began
            opened = sum(upload(wire.connect('digest', timeout=180), b'honest') == (zlib.crc32(b'honest'), 6) for _ in range(40))
        finally:
            end_process(flood)
        counted = host.counters()
        check(opened == 40, f'{opened} of 40 honest connections')
        check(counted['memory']['half_open'] <= 4096, f'{counted["memory"]["half_open"]} half-open')
        grew = host.resident_kb() - memory
        check(grew < 4096, f'{grew} KB more memory')
        bench.note(f'{counted["tcp"]["syns_in"]} SYNs, {counted["tcp"]["cookies_sent"]} cookies, {grew} KB more, '
                   f'{size / alone / 1e6:.0f} MB/s alone, {size / during / 1e6:.0f} with a flooder on the same two CPUs')


@test
def tcp_answers_nmap_as_a_host_should(bench):
    """SYN, FIN, NULL and Xmas scans, and the probes by which nmap tells systems apart."""
    with Wire(bench.place) as wire, wire.host('--icmp-per-second', '100000') as host:
        ports = ','.join(str(p) for p in [*SERVICES.values(), 81])
        for scan, open_state in (('-sS', 'open'), ('-sF', 'open|filtered'), ('-sN', 'open|filtered'), ('-sX', 'open|filtered')):
            for ours, family in ((OURS4, []), (OURS6, ['-6'])) if scan == '-sS' else ((OURS4, []),):
                text = run(*wire.inside(wire.peer, 'nmap', '-n', '-Pn', *family, scan, '--max-retries', 1, '-p', ports, ours), timeout=60).stdout.decode()
                states = dict(re.findall(r'^(\d+)/tcp\s+(\S+)', text, re.M))
                check(all(states.get(str(p)) == open_state for p in SERVICES.values()), f'{scan} {ours}: {states}')
                check(states.get('81') == 'closed', f'{scan} {ours}: {states} {text}')
        text = run(*wire.inside(wire.peer, 'nmap', '-n', '-Pn', '-O', '-v', '-p', ports, OURS4), timeout=90).stdout.decode()
        check('OS' in text, 'the probes ran')
        still_serves(wire)
        difficulty = re.search(r'Difficulty=(\d+)', text)
        check(difficulty and int(difficulty.group(1)) >= 200, f'sequence numbers are hard to guess: {difficulty and difficulty.group(0)}')
        bench.note(f'sequence prediction difficulty {difficulty.group(1)}')


@test
def tcp_survives_a_replay_of_its_own_past(bench):
    """tcpreplay sends a capture of old connections again, at full speed: nothing opens, nothing breaks."""
    with Wire(bench.place) as wire, wire.host() as host:
        capture = wire.place.path('tcp-host') / 'past.pcap'
        sniffer = subprocess.Popen(wire.inside(wire.peer, 'tcpdump', '-i', 'eth0', '-Q', 'out', '-s', '0', '-w', capture, 'tcp'),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
        sniffer.stderr.readline()
        time.sleep(0.3)
        for _ in range(20):
            data = os.urandom(20_000)
            check(upload(wire.connect('digest'), data) == (zlib.crc32(data), len(data)), 'the connections of the past')
        time.sleep(0.5)
        end_process(sniffer)
        sniffer.stderr.close()
        before = host.counters()
        run(*wire.inside(wire.peer, 'tcpreplay', '--topspeed', '--loop', 20, '-i', 'eth0', capture), timeout=60)
        wait_for(lambda: host.counters()['net']['frames_in'] - before['net']['frames_in'] > 2000, 60, 'replayed frames', step=0.2)
        time.sleep(0.3)
        after = host.counters()
        check(after['served']['bytes_in'] - before['served']['bytes_in'] == 0, 'no byte of the past is taken twice')
        still_serves(wire)
        bench.note(f'{after["net"]["frames_in"] - before["net"]["frames_in"]} frames replayed, '
                   f'{after["tcp"]["established"] - before["tcp"]["established"]} connections opened by them')
