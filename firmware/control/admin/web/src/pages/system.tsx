// The box itself: health, time, network, backup, support, update, and the acts that stop it.
import { may } from '../api/client';
import { useCall } from '../api/load';
import type { Health, System as SystemFacts } from '../api/schema';
import { bytes, count, duration, percent, when } from '../lib/format';
import { link } from '../lib/route';
import { t } from '../lib/words';
import { Badge, Banner, Card, Facts, Share, Tabs, type Tone } from '../ui/basics';
import { Page, Shown } from '../ui/page';
import { Result } from '../ui/result';
import { Table } from '../ui/table';
import type { PageProps } from './all';
import { Backup, Power, Support, Updates } from './system_acts';

const kTabs = ['health', 'network', 'backup', 'support', 'update', 'power'] as const;
type Tab = (typeof kTabs)[number];

const kTones: Record<Health['state'], Tone> = { good: 'ok', warning: 'warn', bad: 'bad', unknown: 'plain' };

function tabs_of(): readonly Tab[] {
  if (may('owner')) return kTabs;
  if (may('operator')) return ['health', 'network', 'support', 'update', 'power'];
  return may('auditor') ? ['health', 'network', 'update'] : ['health'];
}

export function System({ rest }: PageProps) {
  const mine = tabs_of();
  const now = mine.find((tab) => tab === rest[0]) ?? 'health';
  return (
    <Page title={t('system.title')} about={t('system.about')}>
      <div>
        <Tabs now={now} tabs={mine.map((id) => ({ id, name: t(`system.${id}`), href: link('system', [id]) }))} />
        {now === 'health' && <HealthTab />}
        {now === 'network' && <NetworkTab />}
        {now === 'backup' && <Backup />}
        {now === 'support' && <Support />}
        {now === 'update' && <Updates />}
        {now === 'power' && <Power />}
      </div>
    </Page>
  );
}

function HealthTab() {
  const system = useCall('getSystem', {}, 10_000);
  return (
    <Shown of={system}>
      {(data) => (
        <div class="stack">
          {data.warnings.map((text) => <Banner key={text} tone="warn">{text}</Banner>)}
          <div class="cols-2">
            <Card title={t('system.health')} flush>
              <Table
                caption={t('system.health')}
                rows={data.health}
                id={(one) => one.name}
                columns={[
                  { name: t('system.part'), head: true, cell: (one) => one.name },
                  { name: t('field.state'), cell: (one) => <Badge tone={kTones[one.state]}>{t(`health.${one.state}`)}</Badge> },
                  { name: t('event.text'), cell: (one) => one.text },
                ]}
              />
            </Card>
            <Card title={t('system.box')}><Box of={data} /></Card>
          </div>
          <div class="cols-2">
            {(['dataplane', 'resolver', 'reporter', 'control', 'admin'] as const).map((part) => data[part] && Object.keys(data[part]!).length > 0 && (
              <Card key={part} title={t(`process.${part}`)}><Result of={data[part]} /></Card>
            ))}
          </div>
        </div>
      )}
    </Shown>
  );
}

function Box({ of }: { of: SystemFacts }) {
  return (
    <div class="stack">
      <Facts
        of={[
          [t('system.version'), of.version],
          [t('field.host_name'), of.host_name],
          [t('system.board'), of.board],
          [t('system.slot'), of.slot],
          [t('time'), <>{when(of.time, true)} {of.time_synchronised != null && <Badge tone={of.time_synchronised ? 'ok' : 'warn'}>{t(of.time_synchronised ? 'system.in_time' : 'system.out_of_time')}</Badge>}</>],
          [t('system.uptime'), duration(of.uptime_seconds)],
          [t('system.load'), (of.load ?? []).map((one) => count(one, 2)).join('  ') || '–'],
        ]}
      />
      {of.memory && <Used name={t('system.memory')} used={of.memory.total - of.memory.available} total={of.memory.total} />}
      {of.disk && <Used name={t('system.disk')} used={of.disk.total - of.disk.free} total={of.disk.total} />}
    </div>
  );
}

function Used({ name, used, total }: { name: string; used: number; total: number }) {
  const text = t('system.used', { used: bytes(used), total: bytes(total), share: percent(used, total) });
  return (
    <div>
      <div class="row spread"><span>{name}</span><span class="quiet">{text}</span></div>
      <Share label={`${name}: ${text}`} parts={[{ name: 'used', value: used, series: used / Math.max(total, 1) > 0.9 ? 3 : 4 }, { name: 'free', value: total - used, series: 0 }]} />
    </div>
  );
}

function NetworkTab() {
  const network = useCall('getNetwork', {}, 10_000);
  return (
    <Shown of={network}>
      {(data) => (
        <div class="stack">
          <Card title={t('network.ports')} flush actions={<a href={link('settings', [], { find: 'interface' })}>{t('change')}</a>}>
            <Table
              caption={t('network.ports')}
              rows={data.interfaces}
              id={(one) => one.name}
              columns={[
                { name: t('network.port'), head: true, cell: (one) => one.name },
                { name: t('network.addresses'), cell: (one) => <ul>{one.addresses.map((each) => <li key={each}>{each}</li>)}</ul> },
                { name: t('network.gateways'), cell: (one) => [one.gateway4, one.gateway6].filter(Boolean).join(', ') || '–' },
                { name: t('field.state'), cell: (one) => (one.up === undefined ? '–' : <Badge tone={one.up ? 'ok' : 'bad'}>{t(one.up ? 'network.up' : 'network.down')}</Badge>) },
                { name: t('network.received'), number: true, cell: (one) => bytes(one.received_bytes) },
                { name: t('network.sent'), number: true, cell: (one) => bytes(one.sent_bytes) },
                { name: t('network.drops'), number: true, cell: (one) => count((one.drops ?? 0) + (one.errors ?? 0)) },
              ]}
            />
          </Card>
          <Card title={t('network.names')}>
            <Facts of={[[t('field.host_name'), data.host_name], [t('network.management'), data.management], [t('network.dns'), (data.dns ?? []).join(', ')]]} />
          </Card>
        </div>
      )}
    </Shown>
  );
}
