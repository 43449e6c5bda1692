// How the box is, on one page; the figures come as a stream, once a second.
import { useSignal } from '@preact/signals';
import { useCall } from '../api/load';
import type { Figures } from '../api/schema';
import { figures } from '../api/stream';
import { count, duration, percent } from '../lib/format';
import { link } from '../lib/route';
import { t } from '../lib/words';
import { Banner, Busy, Card, Facts, Share, Tile } from '../ui/basics';
import { CertificateList, EventList } from '../ui/dashboard_lists';
import { Page } from '../ui/page';
import { RateCharts, SpanPicker, type Span } from '../ui/rate_charts';
import { Table } from '../ui/table';

export function Dashboard() {
  // Until the first event comes, one answer to a plain question.
  const first = useCall('getDashboard');
  const now = figures.value ?? first.data;
  const span = useSignal<Span>('1h');
  return (
    <Page title={t('dashboard.title')} about={t('dashboard.about')} actions={<SpanPicker span={span.value} change={(to) => (span.value = to)} />}>
      {!now ? first.fault ? <Banner tone="bad">{first.fault}</Banner> : <Busy /> : <Now of={{ ...first.data, ...now }} span={span.value} />}
    </Page>
  );
}

function Now({ of, span }: { of: Figures; span: Span }) {
  return (
    <>
      {(of.warnings ?? []).length > 0 && (
        <Banner tone="warn">
          <ul>
            {of.warnings!.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </Banner>
      )}
      <Tiles of={of} />
      <RateCharts span={span} />
      <div class="cols-2">
        <TlsShare of={of} />
        <Cores of={of} />
        <Deferring of={of} />
        <CertificateList rows={of.certificates ?? []} />
      </div>
      <EventList rows={of.events ?? []} />
    </>
  );
}

function Tiles({ of }: { of: Figures }) {
  const today = of.today ?? of;
  const oldest = of.queue_oldest_seconds;
  return (
    <div class="tiles">
      <Tile
        name={t('dashboard.rate')}
        figure={<>{count(of.in_per_second, 1)} <span class="quiet small">{t('dashboard.per_second')}</span></>}
        more={t('dashboard.out', { rate: count(of.out_per_second, 1), n: of.connections })}
      />
      <Tile name={t('dashboard.accepted')} figure={count(today.accepted)} more={t('dashboard.delivered', { n: today.delivered })} />
      <Tile name={t('dashboard.refused')} figure={count(today.refused)} more={t('dashboard.deferred', { deferred: today.deferred, bounced: today.bounced })} />
      <Tile
        name={t('queue.title')}
        figure={<a href={link('queue')}>{count(of.queue)}</a>}
        more={oldest === null || oldest === undefined ? t('dashboard.no_oldest') : t('dashboard.oldest', { age: duration(oldest) })}
      />
    </div>
  );
}

function TlsShare({ of }: { of: Figures }) {
  const tls = of.tls;
  const parts = tls
    ? ([
        ['dane', tls.dane, 1],
        ['mta_sts', tls.mta_sts, 4],
        ['opportunistic', tls.opportunistic, 5],
        ['other', tls.other, 6],
        ['none', tls.none, 3],
      ] as const)
    : [];
  const whole = parts.reduce((sum, [, value]) => sum + value, 0);
  const text = parts.map(([name, value]) => `${t(`tls.${name}`)} ${percent(value, whole)}`).join(', ');
  return (
    <Card title={t('dashboard.tls')} about={t('dashboard.tls.about')}>
      {whole === 0 ? (
        <p class="quiet">{t('dashboard.tls.none_yet')}</p>
      ) : (
        <>
          <Share label={text} parts={parts.map(([name, value, series]) => ({ name, value, series }))} />
          <ul class="legend">
            {parts.map(([name, value, series]) => (
              <li key={name}>
                <span class={`swatch s${series}`} />
                {t(`tls.${name}`)} <strong>{percent(value, whole)}</strong> <span class="quiet">({count(value)})</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Card>
  );
}

function Cores({ of }: { of: Figures }) {
  return (
    <Card title={t('dashboard.cores')} about={t('dashboard.cores.about')}>
      <div class="stack">
        {(of.cores ?? []).map(({ core, busy }) => {
          const share = busy > 1 ? busy / 100 : busy;
          return (
            <div key={core} class="meter">
              <span>{t('dashboard.core', { core: String(core) })}</span>
              <Share label={t('dashboard.core.busy', { core: String(core), share: percent(share, 1) })} parts={[{ name: 'busy', value: Math.max(share, 0.002), series: share > 0.9 ? 3 : 4 }, { name: 'idle', value: Math.max(1 - share, 0), series: 0 }]} />
              <span class="right">{percent(share, 1)}</span>
            </div>
          );
        })}
        <Facts
          of={[
            [t('dashboard.generation'), of.generation === undefined ? '–' : of.all_at_generation ? t('dashboard.at_all', { n: of.generation }) : t('dashboard.at_some', { n: of.generation })],
            [t('dashboard.connections'), count(of.connections)],
          ]}
        />
      </div>
    </Card>
  );
}

function Deferring({ of }: { of: Figures }) {
  return (
    <Card title={t('dashboard.deferring')}>
      <Table
        caption={t('dashboard.deferring')}
        rows={of.top_deferring ?? []}
        id={(one) => one.domain}
        empty={t('dashboard.deferring.none')}
        columns={[
          { name: t('field.domain'), head: true, cell: (one) => <a href={link('queue', [], { domain: one.domain })}>{one.domain}</a> },
          { name: t('dashboard.attempts'), number: true, cell: (one) => count(one.count) },
        ]}
      />
    </Card>
  );
}
