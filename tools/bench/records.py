"""The speed of the TLS library's records alone: what the bulk row is held against."""
import json
import statistics

from tools.lab.gateway import BUILD
from tools.lab.shell import run, say


def measure(rounds):
    """Megabytes per CPU second, sealing and opening 16 KB records in memory."""
    made = [json.loads(run(BUILD / 'tools/load/postern-records').stdout) for _ in range(rounds)]
    out = {key: round(statistics.median(m[key] for m in made), 1) for key in ('seal_mb', 'open_mb')}
    say(f'{"records of the TLS library alone, 16 KB, MB per CPU second":62} seal {out["seal_mb"]:.0f}  open {out["open_mb"]:.0f}')
    return out
