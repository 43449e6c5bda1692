// Changes of settings: before and after, never by colour alone.
import type { Change } from '../api/schema';
import { t } from '../lib/words';
import { Empty } from './basics';

// Of a list only the elements that came or went.
function lines(of: string | null, other: string | null): string[] {
  if (of === null) return [];
  const known = new Set((other ?? '').split('\n'));
  const mine = of.split('\n');
  return other === null || mine.length === 1 ? mine : mine.filter((line) => !known.has(line));
}

export function Diff({ of }: { of: Change[] }) {
  if (of.length === 0) return <Empty>{t('diff.none')}</Empty>;
  return (
    <ul class="stack diff">
      {of.map((one) => (
        <li key={one.name}>
          <p class="name">{one.name}</p>
          {lines(one.before, one.after).map((line) => <del key={`-${line}`}>{line || t('diff.empty')}</del>)}
          {lines(one.after, one.before).map((line) => <ins key={`+${line}`}>{line || t('diff.empty')}</ins>)}
        </li>
      ))}
    </ul>
  );
}
