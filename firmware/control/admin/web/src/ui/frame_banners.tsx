// What every page has to say first: a commit that waits to be confirmed, with its countdown; a box that is silent.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { call, operator } from '../api/client';
import { connected, figures, store } from '../api/stream';
import { seconds_until } from '../lib/format';
import { tell } from '../lib/notice';
import { t } from '../lib/words';
import { Banner, Button } from './basics';
import { ask } from './dialog';

export function FrameBanners() {
  return (
    <>
      <Unconfirmed />
      {!connected.value && (
        <div class="banner warn frame-banner" role="status">
          <div>{t('frame.away')}</div>
        </div>
      )}
      {figures.value && !figures.value.ready && (
        <div class="banner bad frame-banner" role="status">
          <div>{t('frame.no_mail')}</div>
        </div>
      )}
    </>
  );
}

export async function look_at_store(): Promise<void> {
  store.value = await call('getSettingsState');
}

function Unconfirmed() {
  const waiting = store.value?.confirm ?? null;
  const tick = useSignal(0);
  const before = useRef<number | null>(null);
  useEffect(() => {
    if (!waiting) return;
    const timer = setInterval(() => (tick.value += 1), 1000);
    return () => clearInterval(timer);
  }, [waiting?.until]);
  // Whether it was confirmed or taken back is told loudly.
  useEffect(() => {
    const was = before.current;
    before.current = waiting?.generation ?? null;
    if (was === null || waiting || !store.value) return;
    if (store.value.running === was) tell(t('confirm.kept', { n: was }));
    else tell(t('confirm.reverted', { n: was, now: store.value.running }), 'bad');
  }, [waiting?.generation, store.value?.running]);
  if (!waiting) return null;
  void tick.value;
  const left = Math.max(0, Math.ceil(seconds_until(waiting.until)));
  const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
  return (
    <section class="frame-banner" aria-label={t('confirm.title')}>
      <Banner
        tone="warn"
        actions={
          operator() && (
            <>
              <Button look="first" onPress={async () => (await call('confirmSettings'), await look_at_store())}>
                {t('confirm.keep')}
              </Button>
              <Button
                onPress={() =>
                  ask({ title: t('confirm.revert'), what: t('confirm.revert.what'), act: t('confirm.revert'), harm: true, run: revert })
                }
              >
                {t('confirm.revert')}
              </Button>
            </>
          )
        }
      >
        <p class="strong">{t('confirm.text', { generation: waiting.generation, time })}</p>
        <p class="small">{t('confirm.why')}</p>
      </Banner>
    </section>
  );
}

// Back at once: the generation before the one on trial, loaded and committed.
async function revert(): Promise<void> {
  const { generations } = await call('getHistory', { most: 20 });
  const trial = store.value?.confirm?.generation ?? 0;
  const before = generations.find((one) => one.generation < trial);
  if (!before) throw new Error(t('confirm.none'));
  await call('rollbackSettings', {}, { generation: before.generation });
  await call('commitSettings', {}, { comment: t('confirm.revert') });
  await look_at_store();
}
