// Two lists of the dashboard whose rows the API leaves open: certificates by days left, and what happened lately.
import { clock, day, seconds_until, when } from '../lib/format';
import { link } from '../lib/route';
import { named, t } from '../lib/words';
import { Badge, Card, type Tone } from './basics';
import { Table } from './table';

type Open = Record<string, unknown>;

export function words_of(row: Open, ...names: string[]): string {
  for (const name of names) {
    const value = row[name];
    if (Array.isArray(value) && value.length > 0) return value.join(', ');
    if (typeof value === 'string' && value !== '') return value;
    if (typeof value === 'number') return String(value);
  }
  return '';
}

export function Left({ until }: { until: string | undefined | null }) {
  if (!until) return <Badge>{t('unknown')}</Badge>;
  const days = Math.floor(seconds_until(until) / 86_400);
  const tone: Tone = days < 7 ? 'bad' : days < 30 ? 'warn' : 'ok';
  return <Badge tone={tone}>{days < 0 ? t('certificate.over') : t('certificate.days', { n: days })}</Badge>;
}

export function CertificateList({ rows }: { rows: Open[] }) {
  const sorted = [...rows].sort((a, b) => words_of(a, 'not_after').localeCompare(words_of(b, 'not_after')));
  return (
    <Card title={t('dashboard.certificates')} actions={<a href={link('keys')}>{t('keys.title')}</a>}>
      <Table
        caption={t('dashboard.certificates')}
        rows={sorted}
        id={(one) => words_of(one, 'id', 'fingerprint', 'names', 'chain') + words_of(one, 'algorithm')}
        empty={t('dashboard.certificates.none')}
        columns={[
          { name: t('field.names'), head: true, cell: (one) => words_of(one, 'names', 'name', 'domain', 'id', 'chain') },
          { name: t('certificate.until'), cell: (one) => <span class="nowrap">{day(words_of(one, 'not_after'))}</span> },
          { name: t('certificate.left'), cell: (one) => <Left until={words_of(one, 'not_after')} /> },
        ]}
      />
    </Card>
  );
}

const kTones: Record<string, Tone> = { error: 'bad', warning: 'warn', delivered: 'ok', accepted: 'info', deferred: 'warn', delayed: 'warn', bounced: 'bad', refused: 'bad' };

// What became of mail, newest first; and what the box itself has to say, where it does.
export function EventList({ rows }: { rows: Open[] }) {
  return (
    <Card title={t('dashboard.events')} actions={<a href={link('messages')}>{t('messages.title')}</a>} flush>
      <Table
        caption={t('dashboard.events')}
        rows={rows.slice(0, 12)}
        id={(one) => words_of(one, 'number') || JSON.stringify(one)}
        empty={t('dashboard.events.none')}
        columns={[
          { name: t('time'), cell: (one) => <span title={when(words_of(one, 'time'), true)}>{clock(words_of(one, 'time'))}</span> },
          { name: t('event.kind'), cell: (one) => <Badge tone={kTones[words_of(one, 'result', 'level')] ?? 'plain'}>{named('result', words_of(one, 'result', 'level'))}</Badge> },
          { name: t('event.text'), cell: Told },
        ]}
      />
    </Card>
  );
}

function Told(one: Open) {
  const id = words_of(one, 'id');
  const text = words_of(one, 'to', 'domain', 'text');
  const more = words_of(one, 'reply', 'detail');
  return (
    <>
      {id && text ? <a href={link('messages', [id])}>{text}</a> : text} <span class="quiet small">{more}</span>
    </>
  );
}
