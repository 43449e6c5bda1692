"""make bench: one table and one JSON file.

  python3 -m tools.bench [--rounds 3] [--scale 1] [--json FILE] [--only WORD] [--peers-only]
"""
import argparse
import json
import pathlib
import statistics
import sys
import time

from tools.bench import alone, cpu, outbound, records, rows, tcp
from tools.bench.servers import Postern, Sink
from tools.lab.gateway import BUILD
from tools.lab.setting import Lab
from tools.lab.shell import LabError, Workplace, say


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def run_row(row, lab, place, options):
    """Interleaved rounds of every server of a row."""
    servers = [kind(place, lab) for kind in row.servers if not (options.peers_only and kind is Postern)]
    runs = {server.name: [] for server in servers}
    for number in range(options.rounds):
        for server in servers if number % 2 == 0 else reversed(servers):
            try:
                runs[server.name].append(rows.measure(row, server, lab))
            except LabError as fault:
                say(f'      {server.name}: {fault}')
                runs[server.name].append(None)
    return {name: [r for r in made if r] for name, made in runs.items()}


def print_row(row, runs):
    """The line of the table; returns the row for the JSON."""
    out = {'name': row.name, 'unit': f'{row.unit} per CPU second', 'bar': row.bar, 'servers': {}}
    for name, made in runs.items():
        if made:
            out['servers'][name] = {'rate': round(median(made, 'rate'), 1), 'wall_rate': round(median(made, 'wall'), 1), 'runs': made}
    ours = out['servers'].get('Postern', {}).get('rate')
    peers = [s['rate'] for name, s in out['servers'].items() if name != 'Postern']
    out['ratio'] = round(ours / max(peers), 2) if ours and peers else None
    text = '  '.join(f'{name} {s["rate"]:.0f}' for name, s in out['servers'].items())
    goal = f' (to reach {row.bar:g}x)' if row.bar else ''
    say(f'{row.name:62} {text:48} {str(out["ratio"]) + "x" + goal if out["ratio"] else "-"}')
    return out


def more(options, wanted, result):
    """What needs no lab."""
    if wanted(alone.DECISIONS):
        result['decisions'] = alone.decisions(options.rounds)
    if wanted(alone.START):
        result['queue_start'] = alone.queue_start(int(1_000_000 * options.scale))
    if options.only in ('', 'tcp'):
        result['tcp'] = tcp.measure(options.scale)
    if wanted('records'):
        result['records'] = records.measure(options.rounds)


def main():
    parser = argparse.ArgumentParser(prog='tools.bench', description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rounds', type=int, default=3)
    parser.add_argument('--scale', type=float, default=1, help='how much work, 1 = about twenty minutes in all')
    parser.add_argument('--json', type=pathlib.Path, default=BUILD / 'bench.json')
    parser.add_argument('--only', default='', help='only rows whose name holds this')
    parser.add_argument('--peers-only', action='store_true')
    options = parser.parse_args()
    machine = cpu.machine()
    result = {'machine': machine, 'rounds': options.rounds, 'when': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()), 'rows': []}
    say(f'{machine["cpu"]}, {machine["cores"]} cores, {machine["memory_gb"]} GB, Linux {machine["kernel"]}; '
        f'medians of {options.rounds} alternating rounds, per CPU second of the server\n')
    wanted = lambda *names: any(options.only in name for name in names)
    table = [row for row in rows.all_rows(options.scale) if wanted(row.name)]
    out = not options.peers_only and wanted(outbound.DANE, outbound.MISSES, outbound.WAITING)
    if table or out:
        with Workplace() as place:
            lab = Lab(place)
            Sink(place, lab)
            for row in table:
                result['rows'].append(print_row(row, run_row(row, lab, place, options)))
            if out:
                result['out'] = outbound.run(lab, place, options.rounds, options.scale, wanted)
    if not options.peers_only:
        more(options, wanted, result)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(result, indent=1) + '\n')
    say(f'\n{options.json}')
    return 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except LabError as fault:
        print(f'bench: {fault}', file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
