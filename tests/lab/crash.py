"""Nothing accepted is lost: killed programs, a full disk, torn records.

Every message here is known by its id: the load generator writes down each id that heard 250, and the office's
mailbox must hold each of them.
"""
import os
import pathlib
import random
import signal
import time

from tests.lab.harness import check, test
from tools.lab.shell import LabError, alive, run, wait_for


def duplicates(arrived):
    return sum(len(paths) - 1 for paths in arrived.values())


def crash(box, number):
    """Kills the data plane, every second time control first; waits until the box is back.

    A new control starts the data plane at once; an old one waits longer after each crash in a row."""
    if number % 2:
        stop_hard(box)
        box.start_control()
    else:
        box.kill_dataplane()
    box.dataplane_pid(40)
    box.wait_ready(40)


@test
def killing_the_data_plane_loses_nothing(bench):
    """SIGKILL at random moments under load; control starts it again; every 250 is kept."""
    rounds, dice = bench.rounds(8, 100), random.Random(11)
    with bench.box() as box:
        with bench.load_running('--seconds', 100000, '--connections', 8, '--per-connection', 5, '--persist') as load:
            for number in range(rounds):
                time.sleep(dice.uniform(0.1, 1.2))
                crash(box, number)
            time.sleep(1)
            report = load.stop()
        arrived = bench.wait_arrived(90)
        bench.check_whole(arrived)
        promised = bench.promised()
        check(len(promised) > 10 * rounds, f'there was hardly any load: {len(promised)} messages')
        twice = duplicates(arrived)
        bench.note(f'{rounds} kills, {len(promised)} accepted, {twice} twice, {report["uncertain"]} without an answer')
        # At a kill, only what was on its way over the office's connections can be sent again.
        check(twice <= rounds * (4 * 2), f'{twice} duplicates are more than what can have been under way')


@test
def killing_the_data_plane_with_the_office_down_loses_nothing(bench):
    """The whole queue comes back from disk each time."""
    rounds, dice = bench.rounds(3, 20), random.Random(12)
    with bench.box() as box:
        bench.lab.office.stop()
        try:
            with bench.load_running('--seconds', 100000, '--connections', 4, '--persist') as load:
                for number in range(rounds):
                    time.sleep(dice.uniform(0.3, 1.0))
                    crash(box, number)
                time.sleep(0.5)
                load.stop()
        finally:
            bench.lab.office.start()
        arrived = bench.wait_arrived(120)
        bench.note(f'{rounds} kills, {len(bench.promised())} accepted, {duplicates(arrived)} twice')
        check(duplicates(arrived) == 0, 'nothing was sent to the office before: no duplicates')


@test
def killing_control_leaves_mail_flowing(bench):
    """The data plane keeps its process, its sessions and its queue; a new control finds it."""
    rounds = bench.rounds(2, 10)
    with bench.box() as box:
        pid = box.dataplane_pid()
        with bench.load_running('--seconds', 100000, '--connections', 4) as load:
            for _ in range(rounds):
                time.sleep(0.5)
                box.kill_control()
                time.sleep(1)
                check(alive(pid), 'the data plane goes on without control')
                before = len(bench.promised())
                time.sleep(0.5)
                check(len(bench.promised()) > before, 'mail goes on without control')
                box.start_control()
                wait_for(lambda: box.postern('status', check=False).returncode == 0, 15, 'answer of the new control')
            report = load.stop()
        check(box.dataplane_pid() == pid, 'control took over the running data plane, it did not start another')
        check(not report['errors'], f'sessions broke: {report["errors"]}')
        bench.check_whole(bench.wait_arrived())
        bench.note(f'{rounds} kills, {report["accepted"]} messages, no session broken')


@test
def an_orderly_stop_keeps_the_queue(bench):
    """SIGTERM to control: everything ends, status 0; the next start delivers what was queued."""
    with bench.box() as box:
        bench.lab.office.stop()
        try:
            check(bench.load('--total', 20, '--connections', 2)['accepted'] == 20, 'accepted')
            pid = box.dataplane_pid()
            box.process.terminate()
            check(box.process.wait(15) == 0, f'exit status {box.process.returncode}')
            wait_for(lambda: not alive(pid), 5, 'end of the data plane')
        finally:
            bench.lab.office.start()
        box.start_control()
        check(duplicates(bench.wait_arrived(40)) == 0, 'each once')


@test
def a_full_disk_answers_452_and_harms_nothing(bench):
    """452 4.3.1 while it is full, everything accepted before is delivered, and then it accepts again."""
    spool = bench.place.path('small')
    run('mount', '-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', spool)
    try:
        settings = {'spool.directory': spool, 'spool.segment_bytes': '8M', 'spool.reserve_bytes': '16M'}
        with bench.box(settings) as box:
            bench.lab.office.stop()
            try:
                report = bench.load('--size', 1_000_000, '--seconds', 20, '--total', 150, '--connections', 2, timeout=60)
                refused = {why: n for why, n in report['errors'].items() if why.startswith('452')}
                check(refused and report['refused'], f'nothing was refused: {report["errors"]}, {report["accepted"]} accepted')
                check(report['accepted'] >= 20, f'only {report["accepted"]} accepted')
                check(set(report['errors']) == set(refused), f'other words than 452: {report["errors"]}')
                check(alive(box.dataplane_pid()), 'the data plane lives')
            finally:
                bench.lab.office.start()
            bench.check_whole(bench.wait_arrived(90), 1_000_000)
            bench.note(f'{report["accepted"]} accepted, {report["refused"]} times 452')
            after = wait_for(lambda: bench.load('--total', 3, '--connections', 1, '--id', f'{bench.name}-later')['accepted'] == 3 or None,
                             30, 'acceptance after the disk had room again', step=1)
            check(after, 'it accepts again')
    finally:
        run('umount', '-l', spool)


def newest_segment(directory):
    """The spool file with the last data in it."""
    files = [p for p in pathlib.Path(directory).rglob('*') if p.is_file() and p.stat().st_size > 0 and b'X-Lab-Id' in p.read_bytes()]
    check(files, f'no segment with our messages in {directory}')
    return max(files, key=lambda p: p.stat().st_mtime)


def stop_hard(box):
    """Control first, so that it cannot start the data plane again."""
    pid = box.dataplane_pid()
    box.kill_control()
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not alive(pid), 5, 'end of the data plane')


@test
def a_torn_last_record_costs_only_itself(bench):
    """The end of the last segment is missing, as after a power cut: what is whole before it arrives."""
    with bench.box() as box:
        bench.lab.office.stop()
        try:
            check(bench.load('--total', 30, '--connections', 1, '--per-connection', 30)['accepted'] == 30, 'accepted')
            stop_hard(box)
            segment = newest_segment(box.settings['spool.directory'])
            data = segment.read_bytes()
            last = f'X-Lab-Id: {bench.name}-29\r\n'.encode()
            check(last in data, 'the last message lies in the last segment')
            with open(segment, 'r+b') as file:
                file.truncate(data.rfind(last) + 1000)
        finally:
            bench.lab.office.start()
        box.start_control()
        box.wait_ready()
        wait_for(lambda: len(bench.arrived()) >= 29, 40, f'29 whole messages (there are {len(bench.arrived())})')
        check(set(bench.arrived()) >= {f'{bench.name}-{n}' for n in range(29)}, 'all but the torn one')
        check(f'{bench.name}-29' not in bench.arrived(), 'half a message is never delivered')
        bench.check_whole(bench.arrived())
        check(bench.load('--total', 3, '--connections', 1, '--id', f'{bench.name}-new')['accepted'] == 3, 'and it takes new mail')


@test
def a_flipped_bit_costs_only_its_message(bench):
    """The damaged one is set aside and told of; all others arrive."""
    with bench.box() as box:
        bench.lab.office.stop()
        try:
            check(bench.load('--total', 30, '--connections', 1, '--per-connection', 30)['accepted'] == 30, 'accepted')
            stop_hard(box)
            segment = newest_segment(box.settings['spool.directory'])
            data = segment.read_bytes()
            at = data.find(f'X-Lab-Id: {bench.name}-11\r\n'.encode())
            check(at > 0, 'message 11 lies in the segment')
            with open(segment, 'r+b') as file:
                file.seek(at + 500)
                file.write(bytes([data[at + 500] ^ 0x10]))
        finally:
            bench.lab.office.start()
        box.start_control()
        box.wait_ready()
        wait_for(lambda: len(bench.arrived()) >= 29, 40, 'the 29 others')
        time.sleep(1)
        check(f'{bench.name}-11' not in bench.arrived(), 'the damaged one is not delivered')
        bench.check_whole(bench.arrived())
        told = [name for name, value in box.counters().items() if value and ('damaged' in name or 'set_aside' in name)]
        check(told, 'a counter tells of it')
        bench.note(f'told by {", ".join(sorted(told)[:3])}')


@test
def a_data_plane_that_cannot_stay_up_is_not_started_in_a_frenzy(bench):
    """Killed at once each time it starts: control waits longer and longer, and stays up itself."""
    with bench.box() as box:
        starts, end = 0, time.monotonic() + 6
        while time.monotonic() < end:
            for pid in box.dataplane_pids():
                os.kill(pid, signal.SIGKILL)
                starts += 1
            time.sleep(0.02)
        check(box.process.poll() is None, 'control lives')
        check(starts < 40, f'{starts} starts in 6 s')
        bench.note(f'{starts} starts in 6 s')
        try:
            box.wait_ready(60)
        except LabError as fault:
            raise AssertionError(f'it never came back: {fault}') from None
