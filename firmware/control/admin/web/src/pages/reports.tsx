// Reports: what others tell us about TLS and DMARC, and what we tell them.
import { useCall } from '../api/load';
import { count, day, percent } from '../lib/format';
import { link } from '../lib/route';
import { named, t } from '../lib/words';
import { Badge, Card, Share, Tabs } from '../ui/basics';
import { words_of } from '../ui/dashboard_lists';
import { Page, Shown } from '../ui/page';
import { Result } from '../ui/result';
import { Table } from '../ui/table';
import type { PageProps } from './all';

type Row = Record<string, unknown>;

const kTabs = ['received', 'sent', 'dmarc'] as const;
const kCalls = { received: 'listTlsReports', sent: 'listSentReports', dmarc: 'listDmarcReports' } as const;

export function Reports({ rest }: PageProps) {
  const now = kTabs.find((tab) => tab === rest[0]) ?? 'received';
  if (now === 'received' && rest[1]) return <One number={Number(rest[1])} />;
  return (
    <Page title={t('reports.title')} about={t('reports.about')}>
      <div>
        <Tabs now={now} tabs={kTabs.map((id) => ({ id, name: t(`reports.${id}`), href: link('reports', [id]) }))} />
        <List key={now} which={now} />
      </div>
    </Page>
  );
}

const number_of = (row: Row, name: string): number => (typeof row[name] === 'number' ? (row[name] as number) : 0);

function List({ which }: { which: (typeof kTabs)[number] }) {
  const reports = useCall(kCalls[which], { most: 200 });
  return (
    <Shown of={reports}>
      {(data) => (
        <div class="stack">
          {which === 'received' && <Summary rows={data.reports} />}
          {data.summary && Object.keys(data.summary).length > 0 && <Card title={t('reports.summary')}><Result of={data.summary} /></Card>}
          <Card flush title={t(`reports.${which}`)}>
            <Table
              caption={t(`reports.${which}`)}
              rows={data.reports}
              id={(one) => JSON.stringify([one['number'], one['domain'], one['day'], one['begin']])}
              empty={t(`reports.none.${which}`)}
              columns={[
                { name: t('field.domain'), head: true, cell: (one) => words_of(one, 'domain', 'domains') || '–' },
                { name: t('reports.organization'), cell: (one) => words_of(one, 'organization', 'to', 'rua') || '–' },
                { name: t('reports.span'), cell: (one) => <span class="nowrap">{day(words_of(one, 'begin', 'day'))}</span> },
                { name: t('reports.success'), number: true, cell: (one) => count(number_of(one, 'successes')) },
                { name: t('reports.failure'), number: true, cell: (one) => (number_of(one, 'failures') > 0 ? <Badge tone="bad">{count(number_of(one, 'failures'))}</Badge> : '0') },
                which === 'received'
                  ? { name: t('acts'), cell: (one) => <a href={link('reports', ['received', words_of(one, 'number')])}>{t('reports.open')}</a> }
                  : { name: t('field.state'), cell: (one) => named('state', words_of(one, 'state', 'result', 'status')) || '–' },
              ]}
            />
          </Card>
        </div>
      )}
    </Shown>
  );
}

function Summary({ rows }: { rows: Row[] }) {
  const good = rows.reduce((sum, row) => sum + number_of(row, 'successes'), 0);
  const bad = rows.reduce((sum, row) => sum + number_of(row, 'failures'), 0);
  if (good + bad === 0) return null;
  return (
    <Card title={t('reports.share', { share: percent(good, good + bad) })}>
      <Share label={t('reports.share', { share: percent(good, good + bad) })} parts={[{ name: 'good', value: good, series: 1 }, { name: 'bad', value: bad, series: 3 }]} />
    </Card>
  );
}

function One({ number }: { number: number }) {
  const report = useCall('getTlsReport', { number });
  return (
    <Page title={t('reports.one', { n: number })} about={<a href={link('reports')}>{t('reports.back')}</a>}>
      <Shown of={report}>{(data) => <Card title={words_of(data, 'organization', 'domain') || t('reports.title')}><Result of={data} /></Card>}</Shown>
    </Page>
  );
}
