"""Rows that need no lab: a part of the box by itself, in memory or on this machine's disk."""
import json
import statistics

from tools.lab.gateway import BUILD
from tools.lab.shell import run, say

DECISIONS, START = 'policy decisions', 'queue start'  # how the rows are called


def decisions(rounds, seconds=3):
    """Nanoseconds for a decision from the snapshot table of a million domains, random keys; beside it one read of memory."""
    made = [json.loads(run(BUILD / 'tests/bench/policy/bench-policy', 1_000_000, seconds, timeout=300).stdout) for _ in range(rounds)]
    median = lambda *path: round(statistics.median(m[path[0]][path[1]] if len(path) > 1 else m[path[0]] for m in made), 1)
    out = {'name': f'{DECISIONS} from the table, 1 M domains, ns', 'bar': 200, 'in_groups': median('in_groups', 'median'),
           'one_by_one': median('one_by_one', 'median'), 'while_publishing': median('while_publishing', 'median'),
           'memory_ns': median('memory_ns'), 'runs': made}
    say(f'{out["name"]:62} {out["in_groups"]:.0f} in groups of 16, {out["one_by_one"]:.0f} one by one, {out["while_publishing"]:.0f} while '
        f'publishing (to reach 200; one read of memory {out["memory_ns"]:.0f})')
    return out


def queue_start(messages):
    """A queue of so many messages of 4 KB comes back after a restart, its files in no cache."""
    made = json.loads(run(BUILD / 'tests/bench/spool/bench-queue-start', '--messages', messages, '--directory', BUILD, timeout=900).stdout)
    say(f'{f"{START}: {messages} messages of 4 KB":62} {made["seconds"]:.1f} s ({made["cpu_seconds"]:.1f} s CPU), '
        f'{made["queue_mb"]} MB, at most {made["most_mb"]} MB')
    return made
