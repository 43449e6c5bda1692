"""Mail comes in and reaches the office."""
import time

from tests.lab.harness import address, check, load_body, received_count, test, wait_for_message
from tests.lab.raw import Raw
from tools.lab import messages, table
from tools.lab.certificates import GATEWAY_NAME
from tools.lab.network import WAN6
from tools.lab.shell import wait_for


@test
def every_message_arrives_bit_for_bit(bench):
    """swaks, Postfix and the small client, IPv4 and IPv6, TLS 1.2 and 1.3, 10 MB, BDAT, SMTPUTF8, 100 recipients."""
    with bench.box():
        sent = [(m, bench.lab.senders.send(m)) for m in messages.all_messages(bench.place.path('sent'))]
        for message, answer in sent:
            check(answer.code == message.expect, f'{message.what}: {answer.code} {answer.text}, expected {message.expect}')
        wait_for(lambda: all(table.verdict(m, bench.lab.mailbox.scan())[0] != 'MISSING' for m, _ in sent), 40, 'last message')
        for message, _ in sent:
            word, why = table.verdict(message, bench.lab.mailbox.scan())
            check(word in ('equal', 'refused'), f'{message.what}: {word} {why}')
        bench.note(f'{len(sent)} messages')


@test
def every_message_is_in_the_message_log(bench):
    """One line when it is accepted, one when it is delivered, with TLS version, cipher and the office's reply."""
    with bench.box() as box:
        bench.load('--total', 5, '--connections', 1)
        bench.wait_arrived()
        wait_for(lambda: sum(o['result'] == 'delivered' for o in box.outcomes()) >= 5, 10, 'log line of each message')
        accepted = next(o for o in box.outcomes() if o['result'] == 'accepted')
        delivered = next(o for o in box.outcomes() if o['id'] == accepted['id'] and o['result'] == 'delivered')
        check(accepted['tls'] == 'TLSv1.3' and accepted['cipher'], f'TLS in the log: {accepted}')
        check(accepted['from'] == 'load@sender.example' and accepted['to'] == 'load@example.org', f'from and to: {accepted}')
        check(delivered['code'] == 250 and 'queued as' in delivered['reply'], f"the office's reply: {delivered}")


@test
def exactly_one_received_line_is_added(bench):
    """RFC 5321 §4.4: with our name and the client's."""
    with bench.box():
        bench.load('--total', 1, '--connections', 1, '--tls', 'none')
        paths = next(iter(bench.wait_arrived().values()))
        stored = paths[0].read_bytes()
        check(received_count(stored) == 2, 'one by the box, one by the office')
        check(GATEWAY_NAME.encode() in stored and b'client.sender.example' in stored, 'who and from whom')


@test
def both_certificates_are_served(bench):
    """ECDSA to who can, RSA to who cannot; TLS 1.2 and 1.3; IPv6."""
    with bench.box():
        for words in (['--signature', 'ecdsa'], ['--signature', 'rsa'], ['--tls-version', '1.2'], ['--tls-version', '1.3'],
                      ['--server', WAN6], ['--tls', 'implicit', '--port', '465'],
                      ['--tls-version', '1.2', '--signature', 'rsa'], ['--tls', 'none']):
            report = bench.load('--total', 3, '--connections', 1, *words)
            check(report['accepted'] == 3 and not report['errors'], f'{words}: {report["errors"]}')


@test
def tickets_resume_sessions(bench):
    with bench.box():
        report = bench.load('--mode', 'handshake', '--resume', '--total', 20, '--connections', 1)
        check(report['resumed'] >= 18, f'{report["resumed"]} of 20 resumed: {report["errors"]}')


@test
def unknown_recipients_hear_550_and_other_domains_are_refused(bench):
    with bench.box(), Raw(bench.network) as client:
        client.greet()
        client.ask('MAIL FROM:<a@sender.example>')
        check(client.ask('RCPT TO:<nobody-here@example.org>') == 550 and '5.1.1' in client.last, client.last)
        check(client.ask('RCPT TO:<x@elsewhere.example>') in (550, 554) and '5.7.1' in client.last, client.last)
        check(client.ask('RCPT TO:<alice@example.org>') == 250, client.last)


@test
def mail_waits_while_the_office_is_down(bench):
    """Accepted, kept, tried again, delivered once."""
    with bench.box() as box:
        bench.lab.office.stop()
        try:
            report = bench.load('--total', 30, '--connections', 3)
            check(report['accepted'] == 30, f'not accepted: {report["errors"]}')
            time.sleep(3)
            check(not bench.arrived(), 'the office is down')
            queue = box.postern('queue').stdout.decode()
            check('load@example.org' in queue, f'postern queue does not show them: {queue[:200]}')
        finally:
            bench.lab.office.start()
        arrived = bench.wait_arrived(40)
        bench.check_whole(arrived)
        check(all(len(paths) == 1 for paths in arrived.values()), 'each once')


@test
def mail_waits_while_the_cable_is_out(bench):
    """No answer at all from the office: connects time out instead of being refused."""
    with bench.box({'tcp.connect_timeout': '3s'}):
        bench.network.link('office', False)
        try:
            report = bench.load('--total', 10, '--connections', 2)
            check(report['accepted'] == 10, f'not accepted: {report["errors"]}')
            time.sleep(2)
        finally:
            bench.network.link('office', True)
        arrived = bench.wait_arrived(60)
        check(all(len(paths) == 1 for paths in arrived.values()), 'each once')


@test
def a_refusal_by_the_office_becomes_a_bounce(bench):
    """550 by the office: the sender gets a report (RFC 3464) with the original's header."""
    with bench.box(), Raw(bench.network) as client:
        client.greet()
        check(client.envelope(address('alice'), address('bob')) == 354, client.last)
        client.send('X-Lab-Id: bounced-1\r\nX-Lab-Office: refuse\r\nSubject: please refuse\r\n\r\nbody\r\n.\r\n')
        check(client.reply() == 250, client.last)

        def bounce():
            for path in bench.lab.mailbox.directory.iterdir():
                text = path.read_bytes()
                if b'multipart/report' in text and b'bounced-1' in text and b'alice@example.org' in text:
                    return text
            return None
        text = wait_for(bounce, 30, 'bounce')
        for part in (b'message/delivery-status', b'Final-Recipient:', b'bob@example.org', b'Status: 5.7.1', b'Action: failed'):
            check(part.lower() in text.lower(), f'the bounce lacks {part.decode()}')
        check(b'Return-Path: <>' in text, 'a bounce has the null sender')


@test
def a_message_too_large_is_refused(bench):
    """552 by SIZE at MAIL, and by counting where SIZE was not said."""
    with bench.box({'smtp.message_bytes': '64K'}), Raw(bench.network) as client:
        client.greet()
        check(client.ask('MAIL FROM:<a@sender.example> SIZE=100000') == 552, client.last)
        check(client.envelope('a@sender.example', address('alice')) == 354, client.last)
        client.send(b'X-Lab-Id: toolarge-1\r\n\r\n' + b'x' * 70 + b'\r\n')
        client.send((b'x' * 70 + b'\r\n') * 1200 + b'.\r\n')
        check(client.reply() == 552, client.last)
        check(client.ask('RSET') == 250, 'the session goes on')
        check(not bench.lab.mailbox.scan().get(('toolarge-1', address('alice'))), 'it did not arrive')


@test
def four_messages_of_ten_megabytes_at_once(bench):
    """Windows close and open again; nothing is mixed up."""
    with bench.box():
        report = bench.load('--size', 10_000_000, '--total', 4, '--connections', 4, '--per-connection', 1)
        check(report['accepted'] == 4, f'{report["errors"]}')
        bench.check_whole(bench.wait_arrived(60), 10_000_000)
        bench.note(f'{report["bytes"] / report["seconds"] / 1e6:.0f} MB/s')
        check(len(load_body(4096)) > 4000, 'the body the copies are held against is not empty')


@test
def several_messages_in_one_session_with_a_reset_between(bench):
    with bench.box(), Raw(bench.network) as client:
        client.greet()
        check(client.starttls() == 220, client.last)
        client.ask('EHLO again.sender.example')
        for number in range(3):
            client.ask('MAIL FROM:<a@sender.example>')
            check(client.ask('RSET') == 250, client.last)
            check(client.envelope('a@sender.example', address('carol')) == 354, client.last)
            client.send(f'X-Lab-Id: several-{number}\r\n\r\nbody\r\n.\r\n')
            check(client.reply() == 250, client.last)
        for number in range(3):
            wait_for_message(bench, f'several-{number}', address('carol'))
