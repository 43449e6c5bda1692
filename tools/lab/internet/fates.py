"""What became of a letter, by the box's own log and by the servers in the internet, held against its row; and the table."""
import dataclasses

from tools.lab.internet import outgoing
from tools.lab.table import short

ENDS = ('delivered', 'deferred', 'refused', 'bounced')


@dataclasses.dataclass
class Fate:
    result: str = ''             # of the last attempt; '' while there was none
    host: str = ''
    tls: str = ''
    insisted: str = ''           # policy::Insist of the last session
    why: str = ''                # its reason
    reply: str = ''
    words: str = ''              # everything said about it: status codes, results in the words of TLS reports
    attempts: int = 0


def fate_of(outcomes, one):
    """From the message log. `bounced` is what the box gave up, however it came to that."""
    fate = Fate()
    for line in outcomes:
        mine = line['to'].strip('<>') == one.recipient
        if line['result'] == 'session' and line.get('domain') == one.row.domain:
            add_session(fate, line)
        elif mine and line['result'] in ENDS and line.get('domain'):
            fate.result = 'bounced' if line['result'] == 'refused' else line['result']
            fate.attempts += 1
            fate.host, fate.tls, fate.reply = line.get('host', ''), line['tls'], f'{line["code"]} {line["reply"]}'
            fate.why = line.get('why') or fate.why
            fate.words += f' {line["code"]} {line["reply"]}'
    return fate


def add_session(fate, line):
    session = line['session']
    fate.insisted = session['insist'] if session['insist'] not in ('ask hosts',) else fate.insisted
    fate.why = line.get('why') or fate.why
    for policy in ('dane', 'sts'):
        fate.words += f' {session[policy]["result"]} {session[policy]["code"]}'
    fate.words += f' {line["reply"]} {session["information"]}'


def settled(world, one, fate):
    """The box's word is the one expected, and what it says was delivered is in the mailbox (a moment later)."""
    return fate.result == one.expect.result and (fate.result != 'delivered' or bool(outgoing.arrivals(world, one)))


def fault(world, one, fate):
    """What is not as the row says; '' where all is."""
    expect = one.expect
    if fate.result != expect.result:
        return f'it was {fate.result or "never tried"}, not {expect.result}: {fate.reply or fate.words}'
    wrong = outgoing.misdelivered(one, outgoing.arrivals(world, one))
    if wrong:
        return wrong
    if expect.insisted and expect.insisted not in insisted_words(fate):
        return f'insisted on {fate.insisted or "nothing"}, not {expect.insisted} ({fate.why})'
    if expect.reason and expect.reason not in fate.words:
        return f'no word of {expect.reason}: {fate.words}'
    return ''


def insisted_words(fate):
    return (fate.insisted,)


COLUMNS = [('domain', 24), ('what', 42), ('insisted on', 14), ('why', 62), ('happened', 10), ('TLS', 8), ('server or reply', 52), ('verdict', 8)]


def header():
    return '  '.join(name.ljust(width) for name, width in COLUMNS) + '\n' + '  '.join('-' * width for _, width in COLUMNS)


def line(world, one, fate):
    """(text, all was well)"""
    wrong = fault(world, one, fate)
    came = outgoing.arrivals(world, one)
    where = came[0].by if came else fate.reply
    values = [one.row.domain, one.row.what, fate.insisted or '-', fate.why or '-', fate.result or 'nothing',
              came[0].tls or 'clear' if came else '-', where or '-', 'WRONG' if wrong else 'ok']
    text = '  '.join(short(str(v), width).ljust(width) for v, (_, width) in zip(values, COLUMNS)).rstrip()
    return text + (f'\n      {wrong}' if wrong else ''), not wrong
