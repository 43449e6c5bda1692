// Message tracking: one box to search in, and the time line of a message.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { call, type Result } from '../api/client';
import type { MessageFound } from '../api/schema';
import { bytes, when } from '../lib/format';
import { go, link } from '../lib/route';
import { named, t } from '../lib/words';
import { Badge, Banner, Busy, Button, Card, save_file, type Tone } from '../ui/basics';
import type { Field } from '../ui/fields';
import { text_of } from '../ui/fields';
import { Form } from '../ui/form';
import { Page } from '../ui/page';
import { Table } from '../ui/table';
import type { PageProps } from './all';
import { Trace } from './trace';

export const kTones: Record<string, Tone> = { accepted: 'info', delivered: 'ok', deferred: 'warn', delayed: 'warn', bounced: 'bad', refused: 'bad', session: 'plain' };

type Found = Result<'searchMessages'>;
type Given = Parameters<typeof call<'searchMessages'>>[1];

const kPage = 100;
const kFilters = ['text', 'result', 'tls', 'policy', 'since'] as const;

export function Messages({ rest, query }: PageProps) {
  if (rest[0]) return <Trace id={rest[0]} />;
  const asked = Object.fromEntries(kFilters.map((name) => [name, query.get(name) ?? '']));
  return (
    <Page title={t('messages.title')} about={t('messages.about')}>
      <Card>
        <Form
          inline
          live
          key={JSON.stringify(asked)}
          label={t('messages.search')}
          fields={search_fields(asked)}
          act={t('search')}
          submit={(values) => go('messages', [], Object.fromEntries(kFilters.map((name) => [name, text_of(values, name)])))}
        />
      </Card>
      <Results key={JSON.stringify(asked)} asked={asked} />
    </Page>
  );
}

function search_fields(asked: Record<string, string>): Field[] {
  const choices = (front: string, values: string[]) => [{ value: '', label: t('any') }, ...values.map((value) => ({ value, label: named(front, value) }))];
  return [
    { name: 'text', label: t('messages.box'), kind: 'text', grow: true, value: asked['text'], placeholder: t('messages.placeholder'), longest: 256 },
    { name: 'result', label: t('messages.result'), kind: 'choice', value: asked['result'], choices: choices('result', ['accepted', 'delivered', 'deferred', 'bounced', 'refused', 'delayed']) },
    { name: 'policy', label: t('messages.policy'), kind: 'choice', value: asked['policy'], choices: choices('tls', ['dane', 'mta_sts', 'opportunistic', 'override', 'none']) },
    { name: 'tls', label: t('messages.tls'), kind: 'choice', value: asked['tls'], choices: choices('tls', ['any', 'TLSv1.3', 'TLSv1.2', 'none']) },
    { name: 'since', label: t('messages.since'), kind: 'choice', value: asked['since'], choices: [{ value: '', label: t('messages.ever') }, ...['1h', '24h', '7d', '30d'].map((value) => ({ value, label: named('span', value) }))] },
  ];
}

const kSeconds: Record<string, number> = { '1h': 3600, '24h': 86_400, '7d': 604_800, '30d': 2_592_000 };

function given_of(asked: Record<string, string>, before?: string): Given {
  const seconds = kSeconds[asked['since'] ?? ''];
  const since = seconds ? new Date(Date.now() - seconds * 1000).toISOString() : undefined;
  return { text: asked['text'] || undefined, result: asked['result'] || undefined, tls: asked['tls'] || undefined, policy: asked['policy'] || undefined, since, before, most: kPage } as Given;
}

function Results({ asked }: { asked: Record<string, string> }) {
  const rows = useSignal<MessageFound[]>([]);
  const last = useSignal<Found | null>(null);
  const fault = useSignal('');
  const more = async () => {
    try {
      last.value = await call('searchMessages', given_of(asked, last.value?.next_before ?? undefined));
      rows.value = [...rows.value, ...last.value.messages];
    } catch (wrong) {
      fault.value = wrong instanceof Error ? wrong.message : String(wrong);
    }
  };
  useEffect(() => void more(), []);
  if (fault.value) return <div role="alert"><Banner tone="bad">{fault.value}</Banner></div>;
  if (!last.value) return <Busy what={t('messages.searching')} />;
  const took = last.value.took_ms;
  return (
    <Card
      flush
      title={t('messages.found', { n: rows.value.length })}
      about={
        <span role="status">
          {took !== undefined && t('messages.took', { ms: Math.max(1, Math.round(took)) })} {last.value.kept_since && t('messages.kept', { since: when(last.value.kept_since) })}
        </span>
      }
      actions={
        rows.value.length > 0 && (
          <>
            <Button look="tiny" onPress={() => save_file('postern-messages.csv', csv_of(rows.value), 'text/csv')}>{t('save.csv')}</Button>
            <Button look="tiny" onPress={() => save_file('postern-messages.json', JSON.stringify(rows.value, null, 1), 'application/json')}>{t('save.json')}</Button>
          </>
        )
      }
    >
      <MessageTable rows={rows.value} />
      {last.value.more && (
        <div class="empty">
          <Button onPress={more}>{t('more')}</Button>
        </div>
      )}
    </Card>
  );
}

function MessageTable({ rows }: { rows: MessageFound[] }) {
  return (
    <Table
      caption={t('messages.title')}
      rows={rows}
      id={(one) => one.id + one.time}
      empty={t('messages.none')}
      columns={[
        { name: t('time'), cell: (one) => <a href={link('messages', [one.id])} class="nowrap">{when(one.time, true)}</a> },
        { name: t('messages.result'), cell: (one) => <Badge tone={kTones[one.result] ?? 'plain'}>{named('result', one.result)}</Badge> },
        { name: t('field.from'), cell: (one) => one.from || t('messages.empty_sender') },
        { name: t('field.to'), cell: (one) => <>{one.to}{(one.recipients ?? 1) > 1 && <span class="quiet"> {t('messages.more_to', { n: one.recipients! - 1 })}</span>}</> },
        { name: t('messages.reply'), cell: (one) => <span class="small">{one.reply}</span> },
        { name: t('messages.tls'), cell: (one) => <span class="small nowrap">{one.tls || '–'}</span> },
        { name: t('messages.size'), number: true, cell: (one) => bytes(one.bytes) },
      ]}
    />
  );
}

// A cell that a spreadsheet would take for a formula is kept from being one.
function csv_of(rows: MessageFound[]): string {
  const names = ['time', 'id', 'result', 'from', 'to', 'bytes', 'tls', 'domain', 'host', 'peer', 'code', 'reply', 'message_id'] as const;
  const cell = (value: unknown) => `"${String(value ?? '').replace(/^[=+\-@\t]/, "'$&").replaceAll('"', '""')}"`;
  return [names.join(','), ...rows.map((row) => names.map((name) => cell(row[name])).join(','))].join('\r\n') + '\r\n';
}

