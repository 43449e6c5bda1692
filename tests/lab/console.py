"""The serial console against the real control plane and data plane: transcripts, announcements, the byte budget."""
import pathlib
import time

from tests.console.reader import Terminal, play
from tests.lab.harness import check, test
from tools.lab import gateway

CONSOLE = gateway.BUILD / 'firmware/control/postern-console'
TRANSCRIPTS = pathlib.Path(__file__).resolve().parents[1] / 'console'


def program(bench, box):
    """The console in the box's place, with accounts of its own."""
    return bench.network.inside('gateway', CONSOLE, '--run-dir', box.run_directory, '--accounts', box.directory / 'accounts/passwords',
                                '--admin-dir', box.directory / 'admin')


@test
def the_console_is_met_and_logged_in_to(bench):
    with bench.box() as box:
        play(TRANSCRIPTS / 'first_login.transcript', program(bench, box))
        kept = (box.directory / 'accounts/passwords').read_text()
        check(kept.startswith('admin owner $argon2id$'), f'a hash is kept, not {kept!r}')


@test
def settings_are_changed_at_the_console(bench):
    with bench.box() as box:
        play(TRANSCRIPTS / 'settings.transcript', program(bench, box))
        shown = box.postern_json('show', 'settings')
        check(shown['values']['smtp.recipients'] == '500', f'the change is seen on the other face: {shown}')
        history = box.postern_json('show', 'history')['generations']
        check(any(g['source'] == 'console' and g['author'] == 'root' for g in history), f'with its author: {history}')


@test
def mail_is_followed_at_the_console(bench):
    with bench.box() as box:
        check(bench.load('--total', 20, '--connections', 2)['accepted'] == 20, 'mail flows')
        bench.wait_arrived()
        play(TRANSCRIPTS / 'tracking.transcript', program(bench, box))


@test
def a_plain_terminal_gets_no_escape_sequences(bench):
    with bench.box() as box:
        seen = play(TRANSCRIPTS / 'plain.transcript', program(bench, box))
        rest = seen.raw.replace(b'\x1b7\x1b[999;999H\x1b[6n\x1b8', b'')
        check(b'\x1b' not in rest, f'an escape sequence: {rest[max(0, rest.find(27) - 50):][:120]!r}')


@test
def the_console_and_scripts_share_their_commands(bench):
    with bench.box() as box:
        box.postern('set', 'smtp.recipients', '400')
        check(b'+ smtp.recipients 400' in box.postern('compare').stdout, 'the candidate is compared')
        made = box.postern_json('commit', 'comment', 'by script')
        check(made['generation'] >= 1, f'{made}')
        check(box.postern('request', 'restart', 'mail', check=False).returncode == 2, 'what interrupts mail wants the word sure')
        check(b'commit confirmed' in box.postern('help', 'commit').stdout, 'there is a manual')
        wrong = box.postern('set', 'smtp.recipients', '3', check=False)
        check(wrong.returncode == 1 and b'smtp.recipients' in wrong.stdout, f'{wrong}')


@test
def a_console_on_a_slow_line_stays_within_its_bytes(bench):
    """9600 baud carry 960 bytes in a second."""
    with bench.box() as box:
        terminal = Terminal([*program(bench, box), '--as', 'root'])
        try:
            terminal.expect('choice:')
            check(len(terminal.raw) < 2500, f'first screen and menu are {len(terminal.raw)} bytes')
            terminal.send('0\r')
            terminal.expect('root@mx>')
            terminal.send('monitor dataplane\r')
            terminal.expect('q: end')
            first, began = len(terminal.raw), time.monotonic()
            with bench.load_running('--seconds', 60, '--connections', 2):
                while time.monotonic() - began < 8:
                    terminal.pump(0.5)
                rate = (len(terminal.raw) - first) / (time.monotonic() - began)
            check(rate < 960, f'a live view under load sends {rate:.0f} bytes a second')
            bench.note(f'{rate:.0f} bytes/s')
        finally:
            terminal.close()


@test
def settings_that_go_back_are_announced_above_the_line(bench):
    with bench.box() as box:
        terminal = Terminal([*program(bench, box), '--as', 'root'])
        try:
            terminal.expect('choice:')
            terminal.send('0\r')
            terminal.expect('root@mx>')
            box.postern('set', 'smtp.recipients', '700')
            terminal.send('show se')
            box.postern('commit', 'comment', 'from elsewhere')
            terminal.expect('*** settings changed: generation')
            terminal.expect('root@mx> show se')
            terminal.send('ttings smtp\r')
            terminal.expect('700')
        finally:
            terminal.close()
