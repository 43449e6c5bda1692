// Served domains and the DNS assistant: for each group of records what is there, what is needed, who must change it.
import { call } from '../api/client';
import { useCall } from '../api/load';
import type { DnsRecord, DomainDns } from '../api/schema';
import { ago } from '../lib/format';
import { link } from '../lib/route';
import { t } from '../lib/words';
import { Badge, Banner, Button, Card, Copy, copy_text, save_file, type Tone } from '../ui/basics';
import { JobView, useJob } from '../ui/job';
import { Page, Shown } from '../ui/page';
import { Table } from '../ui/table';
import type { PageProps } from './all';

const kTones: Record<DnsRecord['state'], Tone> = { good: 'ok', missing: 'bad', wrong: 'bad', advice: 'warn', unknown: 'plain', waiting: 'info' };

export function Domains({ rest }: PageProps) {
  return rest[0] ? <Assistant domain={rest[0]} /> : <List />;
}

function List() {
  const domains = useCall('listDomains', {}, 15_000);
  return (
    <Page title={t('domains.title')} about={t('domains.about')} actions={<a class="button" href={link('settings', [], { find: 'domains.served' })}>{t('domains.add')}</a>}>
      <Card flush>
        <Shown of={domains}>
          {(data) => (
            <Table
              caption={t('domains.title')}
              rows={data.domains}
              id={(one) => one.domain}
              empty={t('domains.none')}
              columns={[
                { name: t('field.domain'), head: true, cell: (one) => <a href={link('domains', [one.domain])}>{one.domain}</a> },
                {
                  name: t('domains.state'),
                  cell: (one) => (
                    <div class="row">
                      {one.good > 0 && <Badge tone="ok">{t('domains.good', { n: one.good })}</Badge>}
                      {one.wrong > 0 && <Badge tone="bad">{t('domains.wrong', { n: one.wrong })}</Badge>}
                      {one.unknown > 0 && <Badge>{t('domains.unknown', { n: one.unknown })}</Badge>}
                    </div>
                  ),
                },
                { name: t('domains.checked'), cell: (one) => (one.checked ? ago(one.checked) : t('never')) },
                { name: t('domains.next'), cell: (one) => (one.next_check ? ago(one.next_check) : '–') },
              ]}
            />
          )}
        </Shown>
      </Card>
    </Page>
  );
}

function Assistant({ domain }: { domain: string }) {
  const dns = useCall('getDomainDns', { domain }, 20_000);
  const { job, run } = useJob();
  const check = async () => {
    await run(() => call('checkDomain', { domain }));
    await dns.again();
  };
  const working = job.value?.state === 'running' || job.value?.state === 'waiting';
  return (
    <Page
      title={t('dns.title', { domain })}
      about={<a href={link('domains')}>{t('dns.back')}</a>}
      actions={<Button look="first" onPress={check}>{t('dns.check')}</Button>}
    >
      {(working || job.value?.state === 'failed') && <JobView job={job.value} />}
      <Shown of={dns}>{(data) => <Records of={data} />}</Shown>
    </Page>
  );
}

function Records({ of }: { of: DomainDns }) {
  const todo = of.records.filter((one) => one.state === 'missing' || one.state === 'wrong').length;
  return (
    <>
      <Banner tone={todo > 0 ? 'warn' : 'ok'}>
        <p class="strong">{todo > 0 ? t('dns.todo', { n: todo }) : t('dns.fine')}</p>
        <p class="small">{of.checked ? t('dns.checked', { when: ago(of.checked) }) : t('dns.never')}</p>
      </Banner>
      <div class="cols-2">
        {of.records.map((record, at) => (
          <RecordCard key={`${record.kind}${at}`} of={record} />
        ))}
      </div>
      <Card
        title={t('dns.zone')}
        about={t('dns.zone.about')}
        actions={
          <>
            <Button look="tiny" onPress={() => copy_text(of.zone_text)}>{t('copy')}</Button>
            <Button look="tiny" onPress={() => save_file(`${of.domain}.zone`, of.zone_text)}>{t('save.file')}</Button>
          </>
        }
      >
        <pre class="record" tabIndex={0} role="group" aria-label={t('dns.zone')}>{of.zone_text || '–'}</pre>
      </Card>
    </>
  );
}

function RecordCard({ of }: { of: DnsRecord }) {
  const settled = of.state === 'good';
  return (
    <Card title={of.kind} actions={<Badge tone={kTones[of.state]}>{t(`dns.state.${of.state}`)}</Badge>}>
      <div class="stack">
        <p>{of.text}</p>
        {!settled && of.who !== 'nobody' && <p><span class="quiet">{t('dns.who')}</span> <strong>{t(`dns.who.${of.who}`)}</strong></p>}
        {(of.have ?? []).length > 0 && (
          <div>
            <h3>{t('dns.have')}</h3>
            <ul>{of.have!.map((text) => <li key={text} class="wrap"><code>{text}</code></li>)}</ul>
          </div>
        )}
        {(of.need ?? []).length > 0 && (settled ? <details><summary>{t('dns.need')}</summary><Needs of={of} /></details> : <div><h3>{t('dns.need')}</h3><Needs of={of} /></div>)}
      </div>
    </Card>
  );
}

// One record, field by field, as the forms of DNS operators want it.
function Needs({ of }: { of: DnsRecord }) {
  return (
    <div class="stack">
      {of.need!.map((need, at) => (
        <dl key={at} class="facts record">
          <dt>{t('dns.name')}</dt>
          <dd><Copy text={need.name} what={t('dns.name')} /></dd>
          <dt>{t('dns.type')}</dt>
          <dd>{need.type}</dd>
          {need.priority !== undefined && [<dt key="p">{t('dns.priority')}</dt>, <dd key="q"><Copy text={String(need.priority)} what={t('dns.priority')} /></dd>]}
          <dt>{t('dns.value')}</dt>
          <dd><Copy text={need.value} what={t('dns.value')} /></dd>
        </dl>
      ))}
    </div>
  );
}
