// The charts of the dashboard: what became of mail, and the queue, from five minutes to thirty days.
//
// The shortest span grows by the stream's figures each second; the others are asked for again now and then.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { useCall } from '../api/load';
import type { History } from '../api/schema';
import { date_of } from '../lib/format';
import { named, t } from '../lib/words';
import { Banner, Busy, Card } from './basics';
import { Chart, type Series } from './chart';

export const kSpans = ['5m', '1h', '24h', '7d', '30d'] as const;
export type Span = (typeof kSpans)[number];

// Which series stand in which chart, and in which colour.
const kRates: [string, number][] = [['in_per_second', 4], ['out_per_second', 1]];
const kLoad: [string, number][] = [['queue', 2], ['connections', 5]];
const kRefresh = { '5m': 5000, '1h': 15_000, '24h': 60_000, '7d': 300_000, '30d': 300_000 };

export function SpanPicker({ span, change }: { span: Span; change: (to: Span) => void }) {
  return (
    <div class="row" role="group" aria-label={t('chart.span')}>
      {kSpans.map((one) => (
        <button key={one} type="button" class={one === span ? 'tiny first' : 'tiny'} aria-pressed={one === span} onClick={() => change(one)}>
          {t(`span.${one}`)}
        </button>
      ))}
    </div>
  );
}

export function RateCharts({ span }: { span: Span }) {
  const history = useCall('getFigureHistory', { span }, kRefresh[span]);
  const kept = useSignal<History | null>(null);
  useEffect(() => {
    if (history.data) kept.value = history.data;
  }, [history.data]);
  return (
    <div class="cols-2">
      <Card title={t('chart.rates')}>
        {kept.value ? <Over of={kept.value} wanted={kRates} title={t('chart.rates')} /> : history.fault ? <Banner>{history.fault}</Banner> : <Busy />}
      </Card>
      <Card title={t('chart.queue')}>{kept.value && <Over of={kept.value} wanted={kLoad} title={t('chart.queue')} />}</Card>
    </div>
  );
}

function Over({ of, wanted, title }: { of: History; wanted: [string, number][]; title: string }) {
  const [times, series] = useMemo(() => {
    const begin = (date_of(of.begin)?.getTime() ?? 0) / 1000;
    const rows: Series[] = [];
    for (const [name, colour] of wanted) {
      const found = of.series.find((one) => one.name === name);
      if (found) rows.push({ name: named('series', name), values: found.points, series: colour });
    }
    const length = Math.max(0, ...rows.map((one) => one.values.length));
    return [Array.from({ length }, (_, at) => begin + at * of.step_seconds), rows] as const;
  }, [of, title]);
  return <Chart title={title} times={times} series={series} />;
}
