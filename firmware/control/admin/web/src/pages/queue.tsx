// What waits: by destination or one by one, filtered; and the acts on it, each of which first says what it would do.
import { useSignal } from '@preact/signals';
import { operator } from '../api/client';
import { useCall } from '../api/load';
import type { Queued } from '../api/schema';
import { ago, bytes, count, date_of, when } from '../lib/format';
import { go, link } from '../lib/route';
import { named, t } from '../lib/words';
import { Badge, Card, Tabs, type Tone } from '../ui/basics';
import { text_of, type Field } from '../ui/fields';
import { Form } from '../ui/form';
import { Page, Shown } from '../ui/page';
import { Table } from '../ui/table';
import type { PageProps } from './all';
import { QueueActs, type Aim } from './queue_acts';

const kFilters = ['domain', 'sender', 'recipient', 'state', 'reason', 'older'] as const;
const kBy = ['domain', 'reason', 'sender', 'state'] as const;
const kRefresh = 10_000;
const kTones: Record<string, Tone> = { held: 'warn', damaged: 'bad' };

type Filter = Record<(typeof kFilters)[number], string>;

export function Queue({ query }: PageProps) {
  const filter = Object.fromEntries(kFilters.map((name) => [name, query.get(name) ?? ''])) as Filter;
  const by = query.get('by') ?? '';
  return (
    <Page title={t('queue.title')} about={t('queue.about')}>
      <Card>
        <Form
          inline
          live
          key={JSON.stringify(filter)}
          label={t('queue.filter')}
          fields={filter_fields(filter)}
          act={t('queue.filter')}
          submit={(values) => go('queue', [], { ...Object.fromEntries(kFilters.map((name) => [name, text_of(values, name)])), by })}
        />
      </Card>
      <div>
        <Tabs
          now={by}
          tabs={[{ id: '', name: t('queue.each'), href: link('queue', [], filter) }, ...kBy.map((one) => ({ id: one, name: t(`queue.by.${one}`), href: link('queue', [], { ...filter, by: one }) }))]}
        />
        {by ? <Groups key={by} by={by as (typeof kBy)[number]} filter={filter} /> : <Each filter={filter} />}
      </div>
    </Page>
  );
}

function filter_fields(filter: Filter): Field[] {
  const text = (name: keyof Filter): Field => ({ name, label: named('field', name), kind: 'text', value: filter[name], grow: name === 'domain', longest: 254 });
  return [
    text('domain'),
    text('sender'),
    text('recipient'),
    text('reason'),
    { name: 'state', label: t('field.state'), kind: 'choice', value: filter.state, choices: ['', 'waiting', 'under way', 'held', 'damaged'].map((value) => ({ value, label: value ? named('state', value) : t('any') })) },
    { name: 'older', label: t('queue.older'), kind: 'choice', value: filter.older, choices: ['', '10m', '1h', '6h', '1d'].map((value) => ({ value, label: value ? named('age', value) : t('any') })) },
  ];
}

const used = (filter: Filter): Partial<Filter> => Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''));

function Groups({ by, filter }: { by: (typeof kBy)[number]; filter: Filter }) {
  const groups = useCall('groupQueue', { by, ...used(filter) }, kRefresh);
  return (
    <Shown of={groups}>
      {(data) => (
        <Card flush title={t('queue.total', { n: data.total })}>
          <Table
            caption={t(`queue.by.${by}`)}
            rows={data.groups}
            id={(one) => one.key}
            empty={t('queue.none')}
            columns={[
              { name: named('field', by), head: true, cell: (one) => <a href={link('queue', [], { ...filter, [by]: one.key })}>{by === 'state' ? named('state', one.key) : one.key || '–'}</a> },
              { name: t('queue.messages'), number: true, cell: (one) => count(one.messages) },
              { name: t('messages.size'), number: true, cell: (one) => bytes(one.bytes) },
              { name: t('queue.oldest'), cell: (one) => ago(one.oldest) },
              { name: t('queue.reasons'), cell: (one) => <ul>{(one.reasons ?? []).map((reason) => <li key={reason.text} class="small">{count(reason.count)} × {reason.text}</li>)}</ul> },
            ]}
          />
        </Card>
      )}
    </Shown>
  );
}

function Each({ filter }: { filter: Filter }) {
  const chosen = useSignal(new Set<string>());
  const queue = useCall('listQueue', { ...used(filter), most: 200 }, kRefresh);
  return (
    <Shown of={queue}>
      {(data) => {
        const ids = [...chosen.value].filter((id) => data.messages.some((one) => one.id === id));
        const matched = data.matched ?? data.messages.length;
        const aim = aim_of(filter, ids, data.messages);
        return (
          <Card flush title={t('queue.total', { n: matched })} about={matched > data.messages.length ? t('queue.first', { n: data.messages.length }) : undefined}>
            {operator() && data.messages.length > 0 && <QueueActs aim={aim} n={ids.length || matched} chosen={ids.length > 0} done={queue.again} />}
            <Table
              caption={t('queue.title')}
              rows={data.messages}
              id={(one) => one.id}
              empty={t('queue.none')}
              choice={operator() ? { chosen: chosen.value, change: (to) => (chosen.value = to), name: (id) => t('queue.choose', { id }) } : undefined}
              columns={columns()}
            />
          </Card>
        );
      }}
    </Shown>
  );
}

// What the acts are about: the chosen ones, else what the filter shows. Acts know no filter by state, so there the
// messages on the screen are named one by one.
function aim_of(filter: Filter, ids: string[], shown: Queued[]): Aim {
  const { state, ...others } = used(filter);
  if (ids.length > 0) return { ids };
  if (state) return { ids: shown.map((one) => one.id) };
  return Object.keys(others).length > 0 ? others : { all: true };
}

// A list names one recipient and says how many there are.
function more_of(one: Queued, named_here: number): number {
  const owed = (one as { owed?: number }).owed ?? named_here;
  return owed - 1;
}

function columns() {
  const state = (one: Queued) => (one.hold ? 'held' : one.state);
  return [
    { name: t('queue.id'), head: true, cell: (one: Queued) => <a class="mono" href={link('messages', [one.id])}>{one.id}</a> },
    { name: t('field.state'), cell: (one: Queued) => <Badge tone={kTones[state(one)] ?? 'info'}>{named('state', state(one))}</Badge> },
    { name: t('field.from'), cell: (one: Queued) => one.from || t('messages.empty_sender') },
    {
      name: t('field.to'),
      cell: (one: Queued) => {
        const owed = (one.recipients ?? []).filter((each) => each.owed);
        return <>{owed[0]?.address ?? '–'}{more_of(one, owed.length) > 0 && <span class="quiet"> {t('messages.more_to', { n: more_of(one, owed.length) })}</span>}</>;
      },
    },
    { name: t('queue.arrived'), cell: (one: Queued) => <span title={when(one.arrived, true)}>{ago(one.arrived)}</span> },
    { name: t('queue.next'), cell: (one: Queued) => ((date_of(one.next)?.getTime() ?? 0) > Date.now() ? ago(one.next) : t('queue.now')) },
    { name: t('queue.attempts'), number: true, cell: (one: Queued) => count(one.attempts) },
    { name: t('queue.last'), cell: (one: Queued) => <span class="small">{one.last || one.recipients?.find((each) => each.last)?.last || '–'}</span> },
  ];
}
