"""People at the queue: what is held stays, also over a killed data plane; what is given back and dropped is gone."""
import json
import time

from tests.lab.harness import address, check, test, wait_for_message
from tests.lab.raw import Raw
from tools.lab.shell import wait_for


def hand_in(bench, name):
    """A message from alice to bob; its spool id."""
    with Raw(bench.network) as client:
        client.greet()
        check(client.envelope(address('alice'), address('bob')) == 354, client.last)
        client.send(f'X-Lab-Id: {name}\r\nSubject: waits\r\n\r\nbody\r\n.\r\n')
        check(client.reply() == 250, client.last)
        return client.last.rsplit(' ', 1)[-1]


def act(box, verb, *words):
    """What `postern queue VERB` says, as JSON. Whoever is being delivered at that moment is asked again."""
    answer = {}

    def done():
        text = box.postern('queue', verb, *words, '--json', check=False).stdout
        answer.update(json.loads(text) if text.strip().startswith(b'{') else {})
        return answer.get('changed') and not answer.get('busy')
    wait_for(done, 30, f'queue {verb}')
    return answer


def states(box):
    return {one['id']: one['state'] for one in box.postern_json('queue')}


def report_about(bench, name):
    for path in bench.lab.mailbox.directory.iterdir():
        text = path.read_bytes()
        if b'multipart/report' in text and name.encode() in text:
            return text
    return None


def ended(box, spool_id, result):
    return [one for one in box.outcomes() if one['id'] == spool_id and one['result'] == result]


@test
def people_hold_release_bounce_and_drop_what_waits(bench):
    """hold, kill, still held, release, arrives; bounce gives a report; drop leaves who did it in the trace."""
    with bench.box() as box:
        bench.lab.office.stop()
        try:
            ids = {name: hand_in(bench, f'{bench.name}-{name}') for name in ('held', 'bounced', 'dropped')}
            for one in ids.values():
                wait_for(lambda one=one: ended(box, one, 'deferred'), 30, 'deferral')
            wait_for(lambda: set(ids.values()) <= set(states(box)), 15, f'{ids} in the queue')
            dry = box.postern_json('queue', 'drop', '--to-domain', 'example.org')
            check(dry['dry_run'] and set(ids.values()) <= set(states(box)), f'a dry run dropped something: {states(box)} of {ids}')
            act(box, 'hold', ids['held'], '--yes')
            act(box, 'drop', ids['dropped'], '--yes', '--comment', 'not wanted')
            act(box, 'hold', ids['bounced'], '--yes')  # so that it is not on its way when it is given back
            box.kill_dataplane()
            box.wait_ready(40)
            check(states(box) == {ids['held']: 'held', ids['bounced']: 'held'}, f'after the kill: {states(box)}')
        finally:
            bench.lab.office.start()
        time.sleep(6)  # longer than the longest pause between attempts
        check(bench.lab.mailbox.scan().get((f'{bench.name}-held', address('bob'))) is None, 'it is held')
        act(box, 'bounce', ids['bounced'], '--yes')
        text = wait_for(lambda: report_about(bench, f'{bench.name}-bounced'), 30, 'report to the sender')
        check(b'the postmaster sent it back' in text and b'Action: failed' in text, 'the report says why')
        act(box, 'release', ids['held'], '--yes')
        wait_for_message(bench, f'{bench.name}-held', address('bob'))
        dropped = ended(box, ids['dropped'], 'dropped')
        check(len(dropped) == 1 and dropped[0]['reply'].startswith('by ') and 'not wanted' in dropped[0]['reply'],
              f'who dropped it: {dropped}')
        trace = box.postern('trace', ids['dropped']).stdout.decode()
        check('dropped' in trace and '(cli)' in trace, f'the trace: {trace}')
        wait_for(lambda: not states(box), 30, 'empty queue')
