"""What no honest peer sends, made with scapy; run in the peer's namespace by Debian's python3.

  scapy_peer.py INTERFACE OURS SOURCE SCENARIO     one line of JSON: {"ok": bool, "why": text, ...}

SOURCE is an address that the kernel does not have, so that the kernel does not answer our answers; ARP for it is
answered here.
"""
import json
import random
import sys
import threading
import time

from scapy.all import ARP, IP, TCP, ICMP, Ether, Raw, conf, fragment, get_if_hwaddr

conf.verb = 0


class Failed(Exception):
    pass


def expect(truth, what):
    if not truth:
        raise Failed(what)


class Wire:
    """One packet socket; a thread answers ARP and keeps the TCP and ICMP that came for us."""

    def __init__(self, interface, ours, source):
        self.ours, self.source, self.mac = ours, source, get_if_hwaddr(interface)
        self.socket, self.came, self.lock = conf.L2socket(iface=interface), [], threading.Lock()
        self.their_mac = None
        threading.Thread(target=self._read, daemon=True).start()
        for _ in range(20):
            self.frame(ARP(op=1, hwsrc=self.mac, psrc=source, pdst=ours), 'ff:ff:ff:ff:ff:ff')
            time.sleep(0.1)
            if self.their_mac:
                return
        raise Failed('no ARP answer')

    def _read(self):
        while True:
            frame = self.socket.recv(2048)
            if frame is None:
                continue
            if ARP in frame and frame[ARP].psrc == self.ours:
                self.their_mac = frame[ARP].hwsrc
                if frame[ARP].op == 1 and frame[ARP].pdst == self.source:
                    self.frame(ARP(op=2, hwsrc=self.mac, psrc=frame[ARP].pdst, hwdst=self.their_mac, pdst=self.ours), self.their_mac)
            elif IP in frame and frame[IP].src == self.ours and (TCP in frame or ICMP in frame):
                with self.lock:
                    self.came.append(frame[IP])

    def frame(self, packet, to=None):
        self.socket.send(Ether(src=self.mac, dst=to or self.their_mac) / packet)

    def send(self, packet):
        self.frame(packet)

    def take(self, match=lambda p: True, seconds=1.0):
        """The first packet that matches, or None; those before it are forgotten."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with self.lock:
                while self.came:
                    packet = self.came.pop(0)
                    if match(packet):
                        return packet
            time.sleep(0.002)
        return None

    def drain(self, seconds=0.3):
        time.sleep(seconds)
        with self.lock:
            came, self.came = self.came, []
        return came


class Talk:
    """A connection that scapy's side opened."""

    def __init__(self, wire, port, window=65535, options=(('MSS', 1460),)):
        self.wire, self.dport, self.sport = wire, port, random.randint(20000, 60000)
        self.seq, self.window = random.getrandbits(32), window
        wire.send(self.segment('S', seq=self.seq, options=list(options)))
        answer = wire.take(lambda p: TCP in p and p[TCP].dport == self.sport and p[TCP].flags == 'SA')
        expect(answer is not None, f'no SYN+ACK from port {port}')
        self.isn = answer[TCP].seq
        self.ack, self.seq = (answer[TCP].seq + 1) & 0xffffffff, (self.seq + 1) & 0xffffffff
        wire.send(self.segment('A'))

    def segment(self, flags, data=b'', seq=None, ack=None, **more):
        fields = {'sport': self.sport, 'dport': self.dport, 'flags': flags, 'window': self.window} | more
        fields['seq'] = (self.seq if seq is None else seq) & 0xffffffff
        fields['ack'] = (getattr(self, 'ack', 0) if ack is None else ack) & 0xffffffff
        packet = IP(src=self.wire.source, dst=self.wire.ours) / TCP(**fields)
        return packet / Raw(data) if data else packet

    def mine(self, packet):
        return TCP in packet and packet[TCP].dport == self.sport

    def echoes(self, data, what):
        """The connection lives: what is sent to the echo service comes back."""
        self.wire.drain(0.05)
        self.wire.send(self.segment('PA', data))
        self.seq = (self.seq + len(data)) & 0xffffffff
        got, end = b'', time.monotonic() + 2
        while len(got) < len(data) and time.monotonic() < end:
            packet = self.wire.take(self.mine, 0.5)
            if packet is not None and Raw in packet and packet[TCP].seq == self.ack:
                got += packet[Raw].load
                self.ack = (self.ack + len(packet[Raw].load)) & 0xffffffff
        self.wire.send(self.segment('A'))
        expect(got == data, f'{what}: {got!r} came back')


def provoke(wire, talk, segments):
    """Sends them and gives the challenges: at least one, and no more than eight in any second that it took."""
    began = time.monotonic()
    for segment in segments:
        wire.send(segment)
    challenges = [p for p in wire.drain(0.5) if talk.mine(p)]
    most = 8 * (int(time.monotonic() - began) + 2)
    expect(1 <= len(challenges) <= most, f'{len(challenges)} answers to {len(segments)} segments, {most} at most')
    expect(all(p[TCP].flags == 'A' for p in challenges), 'a challenge is an ACK and nothing more')
    return len(challenges)


def blind_attacks(wire):
    """RFC 5961: RST and SYN in the window are challenged, at most eight times a second; data with a mad ACK is not taken."""
    talk = Talk(wire, 7)
    talk.echoes(b'before', 'before the attack')
    wire.drain(0.1)
    challenges = provoke(wire, talk, [talk.segment('R', seq=talk.seq + 1 + n * 300) for n in range(100)])
    talk.echoes(b'after rst', 'after RSTs in the window')
    time.sleep(1.1)
    wire.drain(0.05)
    challenges += provoke(wire, talk, [talk.segment('S', seq=talk.seq + n * 100) for n in range(50)])
    talk.echoes(b'after syn', 'after SYNs in the window')
    wire.send(talk.segment('PA', b'INJECTED', ack=talk.ack + 100000))
    wire.send(talk.segment('PA', b'INJECTED', ack=talk.ack - 0x40000000))
    expect(not [p for p in wire.drain(0.4) if talk.mine(p) and Raw in p], 'data with an impossible ACK was taken')
    talk.echoes(b'after data', 'after injected data')
    wire.send(talk.segment('R'))
    time.sleep(0.2)
    wire.drain(0.05)
    wire.send(talk.segment('A'))
    answer = wire.take(talk.mine)
    expect(answer is not None and 'R' in answer[TCP].flags, 'an exact RST ends the connection')
    return {'challenges': challenges, 'provoked': 150}


def nonsense_segments(wire):
    """Flags, options, offsets and checksums that mean nothing: never a connection, never more than one small answer each."""
    talk = Talk(wire, 7)
    sent = 0
    wire.drain(0.1)
    for dport in (7, 81):
        for flags in range(256):
            packet = IP(src=wire.source, dst=wire.ours) / TCP(sport=1024 + flags, dport=dport, flags=flags, seq=7, ack=9)
            wire.send(packet)
            sent += 1
    answers = [p for p in wire.drain(0.5) if TCP in p and p[TCP].sport in (7, 81)]
    expect(len(answers) <= sent, f'{len(answers)} answers to {sent} segments')
    for packet in answers:
        flags, asked = packet[TCP].flags, packet[TCP].dport - 1024
        expect(not asked & 4, f'a segment with RST ({asked:02x}) was answered: {flags}')
        if packet[TCP].sport == 81:
            expect('R' in flags, f'port 81 said {flags} to {asked:02x}')
        if 'S' in flags:
            expect(asked & 0x17 == 2, f'flags {asked:02x} opened a connection')
    for length in (0, 1, 3, 41, 255):
        for kind in (2, 3, 5, 8, 30, 253):
            wire.send(talk.segment('S', options=[(kind, b'')]) if length == 0 else
                      talk.segment('PA', b'x', seq=talk.seq + 70000, options=[(kind, bytes(min(length, 30)))]))
    for offset in range(16):
        wire.send(talk.segment('PA', b'bad offset', dataofs=offset, seq=talk.seq + 100000))
    wire.send(talk.segment('PA', b'bad sum', chksum=0x1234))
    wire.send(talk.segment('PAU', b'', urgptr=65535))
    wire.send(IP(src=wire.ours, dst=wire.ours) / TCP(sport=7, dport=7, flags='S'))
    wire.send(IP(src=wire.source, dst=wire.ours) / TCP(sport=0, dport=7, flags='S'))
    wire.send(IP(src='255.255.255.255', dst=wire.ours) / TCP(sport=9, dport=7, flags='S'))
    wire.send(IP(src='224.0.0.1', dst=wire.ours) / TCP(sport=9, dport=7, flags='S'))
    wire.drain(0.2)
    talk.echoes(b'still here', 'after nonsense')
    return {'sent': sent}


def overlaps(wire):
    """Segments that overlap with other bytes: the stream has no hole and no byte twice."""
    talk = Talk(wire, 7)
    base = talk.seq
    wire.send(talk.segment('PA', b'CCCC', seq=base + 8))
    wire.send(talk.segment('PA', b'BBBBxx', seq=base + 4))
    wire.send(talk.segment('PA', b'AAAAyyyyzzzz', seq=base))
    got, end = b'', time.monotonic() + 2
    while len(got) < 12 and time.monotonic() < end:
        packet = wire.take(talk.mine, 0.3)
        if packet is not None and Raw in packet and packet[TCP].seq == (talk.ack + len(got)) & 0xffffffff:
            got += packet[Raw].load
    # Which copy of a byte is taken is our choice; that it was sent for that place, and once, is not.
    whole = len(got) == 12 and got[:4] == b'AAAA' and got[4:8] in (b'BBBB', b'yyyy') and got[8:] in (b'CCCC', b'zzzz')
    expect(whole, f'{got!r}')
    return {'stream': got.decode()}


def fragments(wire):
    """Honest fragments make a segment; tiny and overlapping ones make nothing and hold no memory."""
    talk = Talk(wire, 7)
    whole = talk.segment('PA', b'fragmented ' * 90)
    whole[IP].id = 4711
    talk.seq += 990
    for piece in fragment(whole, 512):
        wire.send(piece)
    got, end = b'', time.monotonic() + 2
    while len(got) < 990 and time.monotonic() < end:
        packet = wire.take(talk.mine, 0.3)
        if packet is not None and Raw in packet and packet[TCP].seq == (talk.ack + len(got)) & 0xffffffff:
            got += packet[Raw].load
    expect(got == b'fragmented ' * 90, f'{len(got)} bytes of 990 came back')
    talk.ack += len(got)
    wire.send(talk.segment('A'))
    overlap = bytes(talk.segment('PA', b'evil' * 200))[20:]
    for offset, part in ((0, overlap[:400]), (48, overlap[384:800]), (40, overlap[320:720])):
        wire.send(IP(src=wire.source, dst=wire.ours, id=4712, proto=6, frag=offset, flags='MF' if offset != 48 else 0) / Raw(part))
    for n in range(3000):
        wire.send(IP(src=wire.source, dst=wire.ours, id=n % 65536, proto=6, frag=0 if n % 2 else 100, flags='MF') / Raw(bytes(8 if n % 3 else 256)))
    wire.drain(0.2)
    talk.echoes(b'after fragments', 'after fragments')
    return {}


def icmp_lies(wire):
    """Errors about what is not in flight are ignored; a hard error in the window does not end an established connection."""
    talk = Talk(wire, 7)
    talk.echoes(b'before', 'before the lies')

    def quote(sequence, length=1500):
        return IP(src=wire.ours, dst=wire.source, len=length) / TCP(sport=7, dport=talk.sport, seq=sequence & 0xffffffff)
    for kind, code in ((3, 2), (3, 3), (3, 0), (3, 1), (11, 0), (12, 0), (4, 0), (5, 1)):
        for sequence in (talk.ack, talk.ack - 1, talk.ack + 50000, talk.ack - 2**30):
            wire.send(IP(src=wire.source, dst=wire.ours) / ICMP(type=kind, code=code) / quote(sequence))
    for mtu in (0, 1, 67, 68, 296, 575):
        for sequence in (talk.ack, talk.ack + 90000):
            wire.send(IP(src=wire.source, dst=wire.ours) / ICMP(type=3, code=4, nexthopmtu=mtu) / quote(sequence))
    wire.drain(0.2)
    talk.echoes(b'x' * 1000, 'after ICMP')
    return {}


def storm(wire):
    """Ten thousand mutated segments of a live connection: the host lives and the connection's bytes stay right."""
    talk = Talk(wire, 7)
    chance = random.Random(5)
    frames = []
    for _ in range(2500):
        packet = talk.segment(chance.choice(['A', 'PA', 'FA', 'SA', 'S', 'R', 'PAU', 'FPU', 'AEC']), bytes(chance.randrange(0, 60)),
                              seq=chance.choice([talk.seq + 1 + chance.randrange(0, 70000), chance.getrandbits(32)]),
                              ack=chance.choice([talk.ack, talk.ack + chance.randrange(-100000, 100000), chance.getrandbits(32)]),
                              window=chance.randrange(0, 65536))
        if packet[TCP].flags in ('FA', 'PA', 'A', 'PAU', 'FPU', 'AEC'):
            packet[TCP].seq = chance.getrandbits(32) | 0x40000000 if abs(packet[TCP].seq - talk.seq) < 2**20 else packet[TCP].seq
        raw = bytearray(bytes(packet))
        if chance.random() < 0.3:
            raw[chance.randrange(0, len(raw))] ^= 1 << chance.randrange(8)
        frames.append(bytes(Ether(src=wire.mac, dst=wire.their_mac) / Raw(bytes(raw)))[:14] + bytes(raw))
    header = bytes(Ether(src=wire.mac, dst=wire.their_mac, type=0x0800))
    for _ in range(4):
        for frame in frames:
            wire.socket.outs.send(header + frame[14:])
    wire.drain(0.3)
    fresh = Talk(wire, 7)
    fresh.echoes(b'the next one', 'after the storm')
    return {'frames': 4 * len(frames)}


SCENARIOS = {f.__name__: f for f in (blind_attacks, nonsense_segments, overlaps, fragments, icmp_lies, storm)}


def main():
    interface, ours, source, scenario = sys.argv[1:5]
    try:
        result = SCENARIOS[scenario](Wire(interface, ours, source)) | {'ok': True, 'why': ''}
    except Failed as why:
        result = {'ok': False, 'why': str(why)}
    print(json.dumps(result), flush=True)


if __name__ == '__main__':
    main()
