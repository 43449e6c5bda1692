// An answer whose form the API leaves open, shown as nested lists of facts rather than as program text.
import type { ComponentChildren } from 'preact';
import { named, t } from '../lib/words';
import { Badge, Facts } from './basics';

type Open = Record<string, unknown>;

export function Result({ of, depth = 0 }: { of: unknown; depth?: number }): ComponentChildren {
  if (of === null || of === undefined || of === '') return '–';
  if (typeof of === 'boolean') return <Badge tone={of ? 'ok' : 'plain'}>{t(of ? 'yes' : 'no')}</Badge>;
  if (typeof of !== 'object') return String(of);
  if (Array.isArray(of)) return of.length === 0 ? '–' : <List of={of} depth={depth} />;
  const rows = Object.entries(of as Open).filter(([, value]) => value !== '' && value !== null);
  return <Facts of={rows.map(([name, value]) => [label(name), <Result of={value} depth={depth + 1} />])} />;
}

function List({ of, depth }: { of: unknown[]; depth: number }) {
  if (of.every((one) => typeof one !== 'object')) {
    return (
      <ul>
        {of.map((one, at) => (
          <li key={at}>{String(one)}</li>
        ))}
      </ul>
    );
  }
  return (
    <ol class="stack">
      {of.map((one, at) => (
        <li key={at} class="record">
          <Result of={one} depth={depth + 1} />
        </li>
      ))}
    </ol>
  );
}

function label(name: string): string {
  const known = named('field', name);
  return known === `field.${name}` || known === name ? name.replaceAll('_', ' ') : known;
}
