// A chart over time, with its figures as a table for whoever reads better so.
//
// The drawing is uPlot's; colours come from the style sheet, so both themes and a change between them hold.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { count } from '../lib/format';
import { dark } from '../lib/theme';
import { language, locale, t } from '../lib/words';
import { Button, Empty } from './basics';

export interface Series {
  name: string;
  values: (number | null)[];
  series: number; // which colour
}

interface Props {
  title: string;
  times: number[]; // seconds since 1970, rising
  series: Series[];
  stacked?: boolean;
  digits?: number;
}

const kRows = 120;

export function Chart({ title, times, series, stacked, digits = 1 }: Props) {
  const as_table = useSignal(false);
  return (
    <figure aria-label={title} role="group">
      <div class="row spread">
        <ul class="legend">
          {series.map((one) => (
            <li key={one.name}>
              <span class={`swatch s${one.series}`} />
              {one.name}
            </li>
          ))}
        </ul>
        <Button look="tiny" onPress={() => (as_table.value = !as_table.value)} pressed={as_table.value}>
          {t('chart.table')}
        </Button>
      </div>
      {times.length === 0 ? (
        <Empty>{t('chart.empty')}</Empty>
      ) : as_table.value ? (
        <FigureTable title={title} times={times} series={series} digits={digits} />
      ) : (
        <Drawing title={title} times={times} series={series} stacked={stacked} digits={digits} />
      )}
    </figure>
  );
}

function FigureTable({ title, times, series, digits }: Props) {
  const rows = times.map((time, at) => ({ time, at })).slice(-kRows).reverse();
  const format = new Intl.DateTimeFormat(locale(), { dateStyle: 'short', timeStyle: 'medium' });
  return (
    <div class="table-box log" tabIndex={0} role="group" aria-label={title}>
      <table>
        <caption class="unseen">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{t('time')}</th>
            {series.map((one) => (
              <th key={one.name} scope="col" class="number">
                {one.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ time, at }) => (
            <tr key={time}>
              <th scope="row">{format.format(time * 1000)}</th>
              {series.map((one) => (
                <td key={one.name} class="number">
                  {count(one.values[at] ?? undefined, digits)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Drawing({ title, times, series, stacked, digits }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const night = dark();
  const data = heap(times, series, stacked ?? false);
  const shape = `${night} ${language.value} ${stacked} ${series.map((one) => one.name).join()}`;
  useEffect(() => {
    const place = box.current!;
    plot.current = new uPlot(options(place, series, stacked ?? false, digits ?? 1), data, place);
    const watch = new ResizeObserver(() => plot.current?.setSize({ width: place.clientWidth, height: 230 }));
    watch.observe(place);
    return () => {
      watch.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape]);
  useEffect(() => plot.current?.setData(data), [times, series]);
  return <div ref={box} class="chart" role="img" aria-label={t('chart.of', { title })} />;
}

// Stacked: each series lies on the sum of those before it; drawn from the last, so that the first stays in front.
function heap(times: number[], series: Series[], stacked: boolean): uPlot.AlignedData {
  if (!stacked) return [times, ...series.map((one) => one.values)];
  const sums = new Array<number>(times.length).fill(0);
  const layers = series.map((one) => one.values.map((value, at) => (sums[at] = (sums[at] ?? 0) + (value ?? 0))));
  return [times, ...layers.reverse()];
}

function options(place: HTMLElement, series: Series[], stacked: boolean, digits: number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const font = `12px ${style.fontFamily}`;
  const axis = { stroke: colour('--quiet'), font, grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } };
  const lines = series.map((one) => {
    const stroke = colour(`--series-${one.series}`);
    return { label: one.name, stroke, width: 2, fill: stacked ? mix(stroke, 0.55) : undefined, points: { show: false } };
  });
  return {
    width: place.clientWidth,
    height: 230,
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, y: false },
    tzDate: (seconds) => new Date(seconds * 1000),
    scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1] } },
    axes: [
      { ...axis, size: 28, grid: { show: false }, values: (_, ticks, __, ___, step) => ticks.map((tick) => moment(tick, step)) },
      { ...axis, size: 56, values: (_, ticks) => ticks.map((tick) => count(tick, digits)) },
    ],
    series: [{}, ...(stacked ? lines.reverse() : lines)],
  };
}

function moment(seconds: number, step: number): string {
  const parts: Intl.DateTimeFormatOptions =
    step >= 86_400 ? { day: 'numeric', month: 'short' } : { hour: '2-digit', minute: '2-digit', ...(step < 60 ? { second: '2-digit' } : {}) };
  return new Intl.DateTimeFormat(locale(), parts).format(seconds * 1000);
}

function mix(colour: string, share: number): string {
  return `${colour}${Math.round(share * 255).toString(16).padStart(2, '0')}`;
}
