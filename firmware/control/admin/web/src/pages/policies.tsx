// What TLS we insist on, destination by destination, and why; asking and probing one now; rules of our own.
import { useSignal } from '@preact/signals';
import { call, operator } from '../api/client';
import { useCall } from '../api/load';
import type { Operations, Override, Policy } from '../api/schema';
import { count, when } from '../lib/format';
import { go } from '../lib/route';
import { tell } from '../lib/notice';
import { named, t } from '../lib/words';
import { Badge, Button, Card, type Tone } from '../ui/basics';
import { ask, Dialog } from '../ui/dialog';
import { fields_of, text_of } from '../ui/fields';
import { Form } from '../ui/form';
import { look_at_store } from '../ui/frame_banners';
import { JobView, useJob } from '../ui/job';
import { Page, Shown } from '../ui/page';
import { Table } from '../ui/table';
import type { PageProps } from './all';

type Rule = Operations['setOverride']['body'];

const kDemands: Rule['demand'][] = ['plaintext', 'opportunistic', 'mandatory', 'pkix', 'dane', 'dane+pkix'];
const kTones: Record<string, Tone> = { dane: 'ok', mta_sts: 'ok', override: 'info', opportunistic: 'warn', none: 'bad' };

export function Policies({ query }: PageProps) {
  const text = query.get('text') ?? '';
  return (
    <Page title={t('policies.title')} about={t('policies.about')}>
      <Ask first={query.get('domain') ?? ''} />
      <Destinations text={text} />
      <Overrides />
    </Page>
  );
}

function Ask({ first }: { first: string }) {
  const { job, run } = useJob();
  const domain = useSignal(first);
  return (
    <Card title={t('policies.ask')} about={t('policies.ask.about')}>
      <div class="stack">
        <Form
          inline
          label={t('policies.ask')}
          fields={fields_of('checkPolicy', { domain: { value: first, grow: true, placeholder: 'example.org' } })}
          act={t('policies.check')}
          submit={async (values) => {
            domain.value = text_of(values, 'domain');
            await run(() => call('checkPolicy', {}, { domain: domain.value }));
          }}
        />
        {operator() && domain.value && (
          <div class="row">
            <Button onPress={() => run(() => call('probeDestination', {}, { domain: domain.value }))}>{t('policies.probe', { domain: domain.value })}</Button>
          </div>
        )}
        <JobView job={job.value} />
      </div>
    </Card>
  );
}

function Destinations({ text }: { text: string }) {
  const policies = useCall('listPolicies', { most: 500, ...(text && { text }) });
  return (
    <Card title={t('policies.seen')} flush>
      <div class="inset">
        <Form
          inline
          key={text}
          label={t('policies.seen')}
          fields={[{ name: 'text', label: t('field.domain'), kind: 'text', value: text, grow: true, longest: 253 }]}
          act={t('search')}
          look=""
          submit={(values) => go('policies', [], { text: text_of(values, 'text') })}
        />
      </div>
      <Shown of={policies}>
        {(data) => (
          <Table
            caption={t('policies.seen')}
            rows={data.policies}
            id={(one) => one.domain}
            empty={t('policies.none')}
            columns={[
              { name: t('field.domain'), head: true, cell: (one) => one.domain },
              { name: t('policies.source'), cell: (one) => <Badge tone={kTones[one.source] ?? 'plain'}>{named('tls', one.source)}</Badge> },
              { name: t('policies.insist'), cell: (one) => named('insist', one.insist) },
              { name: t('policies.why'), cell: (one) => <span class="small">{one.why ?? '–'}</span> },
              { name: t('policies.hosts'), cell: (one) => <span class="small">{(one.hosts ?? []).join(', ') || '–'}</span> },
              { name: t('policies.last'), cell: last },
              { name: t('queue.messages'), number: true, cell: (one) => count(one.messages) },
            ]}
          />
        )}
      </Shown>
    </Card>
  );
}

function last(one: Policy) {
  const row = one.last ?? {};
  const result = typeof row['result'] === 'string' ? row['result'] : '';
  const time = typeof row['time'] === 'string' ? row['time'] : '';
  if (!result && !time) return '–';
  return <span class="small">{named('result', result)} {when(time)}</span>;
}

function Overrides() {
  const rules = useCall('listOverrides');
  const adding = useSignal(false);
  const after = async () => {
    await Promise.all([rules.again(), look_at_store()]);
    tell(t('settings.in_candidate'), 'info');
  };
  const remove = (one: Override) =>
    ask({
      title: t('override.remove'),
      what: t('override.remove.what', { name: one.name }),
      act: t('override.remove'),
      harm: true,
      run: async () => (await call('deleteOverride', { domain: one.name }), await after()),
    });
  return (
    <Card title={t('override.title')} about={t('override.about')} flush actions={operator() && <Button onPress={() => (adding.value = true)}>{t('override.add')}</Button>}>
      <Shown of={rules}>
        {(data) => (
          <Table
            caption={t('override.title')}
            rows={data.overrides}
            id={(one) => one.name}
            empty={t('override.none')}
            columns={[
              { name: t('field.domain'), head: true, cell: (one) => one.name },
              { name: t('field.demand'), cell: (one) => `${named('override', one.kind)}: ${named('insist', one.demand)}` },
              { name: t('field.reason'), cell: (one) => one.reason },
              { name: t('override.expires'), cell: (one) => (one.expires ? when(one.expires) : t('never')) },
              { name: t('acts'), cell: (one) => operator() && <Button look="tiny" label={t('override.remove.label', { name: one.name })} onPress={() => remove(one)}>{t('remove')}</Button> },
            ]}
          />
        )}
      </Shown>
      {adding.value && (
        <Dialog title={t('override.add')} onClose={() => (adding.value = false)}>
          <p>{t('override.what')}</p>
          <Form
            fields={[
              { name: 'domain', label: t('field.domain'), kind: 'text', required: true, help: t('override.domain.help'), longest: 254 },
              ...fields_of('setOverride', {
                kind: { label: t('override.kind'), choices: ['at-least', 'instead'].map((value) => ({ value, label: named('override', value) })) },
                demand: { choices: kDemands.map((value) => ({ value, label: named('insist', value) })), value: 'mandatory' },
                reason: { help: t('override.reason.help') },
                expires: { kind: 'date', help: t('override.expires.help') },
              }),
            ]}
            act={t('override.add')}
            submit={async (values) => {
              const { domain, ...rule } = Object.fromEntries(Object.keys(values).map((name) => [name, text_of(values, name)]));
              await call('setOverride', { domain: domain! }, rule as Rule);
              adding.value = false;
              await after();
            }}
            more={<Button onPress={() => (adding.value = false)}>{t('cancel')}</Button>}
          />
        </Dialog>
      )}
    </Card>
  );
}
