// The time line of one message: every session, what was insisted on, every reply. Never its content.
import type { MessageEvent } from '../api/schema';
import { useCall } from '../api/load';
import { bytes, clock, count, when } from '../lib/format';
import { link } from '../lib/route';
import { named, t } from '../lib/words';
import { Badge, Banner, Card, Copy, Facts } from '../ui/basics';
import { Page, Shown } from '../ui/page';
import { kTones } from './messages';

export function Trace({ id }: { id: string }) {
  const trace = useCall('traceMessage', { id });
  return (
    <Page title={t('trace.title')} about={<a href={link('messages')}>{t('trace.back')}</a>}>
      <Shown of={trace}>
        {(data) => (
          <>
            {data.plain && <Banner>{data.plain}</Banner>}
            <Card title={t('trace.about')}>
              <About id={data.id} events={data.events} />
            </Card>
            <Card title={t('trace.line')}>
              <ol class="line">
                {data.events.map((event, at) => (
                  <li key={at} class={kTones[event.result]}>
                    <Step event={event} before={data.events[at - 1]} />
                  </li>
                ))}
              </ol>
            </Card>
          </>
        )}
      </Shown>
    </Page>
  );
}

function About({ id, events }: { id: string; events: MessageEvent[] }) {
  const first = events.find((one) => one.from !== undefined) ?? events[0];
  const to = [...new Set(events.map((one) => one.to).filter(Boolean))];
  return (
    <Facts
      of={[
        [t('trace.id'), <Copy text={id} what={t('trace.id')} />],
        [t('field.from'), first?.from || t('messages.empty_sender')],
        [t('field.to'), to.join(', ')],
        [t('trace.message_id'), events.find((one) => one.message_id)?.message_id],
        [t('messages.size'), bytes(events.find((one) => one.bytes)?.bytes)],
        [t('trace.arrived'), when(first?.time, true)],
      ]}
    />
  );
}

function Step({ event, before }: { event: MessageEvent; before?: MessageEvent }) {
  const peer = [event.host, event.peer].filter((one, at, all) => one && all.indexOf(one) === at).join(' · ');
  const since = before ? (Date.parse(event.time) - Date.parse(before.time)) / 1000 : 0;
  return (
    <>
      <div class="row">
        <Badge tone={kTones[event.result] ?? 'plain'}>{named('result', event.result)}</Badge>
        <span class="strong">{clock(event.time)}</span>
        {before && <span class="quiet small">+{count(Math.max(0, since), 2)} s</span>}
        <span>{event.to}</span>
      </div>
      <div class="small">
        {peer && <p class="wrap">{t('trace.with', { peer })}</p>}
        {event.tls && <p>{event.tls === 'none' ? t('trace.no_tls') : [event.tls, event.cipher].filter(Boolean).join(', ')}</p>}
        {event.why && <p class="wrap">{t('trace.why', { why: event.why })}</p>}
        {event.reply && <p class="wrap"><code>{event.reply}</code></p>}
        {event.session && <Session of={event.session} />}
      </div>
    </>
  );
}

function Session({ of }: { of: Record<string, unknown> }) {
  const rows = Object.entries(of).filter(([, value]) => value !== '' && value !== null);
  return (
    <details>
      <summary>{t('trace.session')}</summary>
      <div class="record">
        <Facts of={rows.map(([name, value]) => [named('session', name), typeof value === 'object' ? <pre>{JSON.stringify(value, null, 1)}</pre> : String(value)])} />
      </div>
    </details>
  );
}
