// Generations of the settings: who changed what, when and why; an older one is loaded into the candidate.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { call, operator } from '../api/client';
import { useCall } from '../api/load';
import type { Generation } from '../api/schema';
import { store } from '../api/stream';
import { when } from '../lib/format';
import { go } from '../lib/route';
import { tell } from '../lib/notice';
import { named, t } from '../lib/words';
import { Badge, Button, Card } from '../ui/basics';
import { ask, Dialog } from '../ui/dialog';
import { Diff } from '../ui/diff';
import { look_at_store } from '../ui/frame_banners';
import { Page, Shown } from '../ui/page';
import { Table } from '../ui/table';

export function History() {
  const history = useCall('getHistory', { most: 100 });
  const shown = useSignal<Generation | null>(null);
  const running = store.value?.running;
  useEffect(() => void history.again(), [running, store.value?.confirm?.generation]);
  const load = (one: Generation) =>
    ask({
      title: t('history.load'),
      what: t('history.load.what', { n: one.generation }),
      act: t('history.load'),
      run: async () => {
        await call('rollbackSettings', {}, { generation: one.generation });
        await look_at_store();
        go('settings', ['review']);
      },
    });
  const rescue = (what: 'save' | 'load') =>
    ask({
      title: t(`rescue.${what}`),
      what: t(`rescue.${what}.what`),
      act: t(`rescue.${what}`),
      run: async () => {
        await call('rescueSettings', {}, { do: what });
        await look_at_store();
        tell(t(`rescue.${what}.done`));
        if (what === 'load') go('settings', ['review']);
      },
    });
  return (
    <Page
      title={t('history.title')}
      about={t('history.about')}
      actions={operator() && <><Button onPress={() => rescue('save')}>{t('rescue.save')}</Button><Button onPress={() => rescue('load')}>{t('rescue.load')}</Button></>}
    >
      <Card flush>
        <Shown of={history}>
          {(data) => (
            <Table
              caption={t('history.title')}
              rows={data.generations}
              id={(one) => String(one.generation)}
              columns={[
                {
                  name: t('history.generation'),
                  head: true,
                  cell: (one) => (
                    <span class="row">
                      {one.generation}
                      {one.generation === running && <Badge tone="ok">{t('history.running')}</Badge>}
                      {one.confirmed === false && <Badge tone="warn">{t('history.trial')}</Badge>}
                    </span>
                  ),
                },
                { name: t('time'), cell: (one) => when(one.time) },
                { name: t('history.author'), cell: (one) => <>{one.author} <span class="quiet small">{named('source', one.source)}</span></> },
                { name: t('field.comment'), cell: (one) => one.comment || '–' },
                { name: t('history.changes'), number: true, cell: (one) => String(one.changes) },
                {
                  name: t('acts'),
                  cell: (one) => (
                    <div class="row">
                      <Button look="tiny" label={t('history.show.label', { n: one.generation })} onPress={() => (shown.value = one)}>{t('history.show')}</Button>
                      {operator() && one.generation !== running && <Button look="tiny" label={t('history.load.label', { n: one.generation })} onPress={() => load(one)}>{t('history.load')}</Button>}
                    </div>
                  ),
                },
              ]}
            />
          )}
        </Shown>
      </Card>
      {shown.value && <Shows of={shown.value} before={before(history.data?.generations ?? [], shown.value)} close={() => (shown.value = null)} />}
    </Page>
  );
}

function before(all: Generation[], one: Generation): number | undefined {
  return all.find((each) => each.generation < one.generation)?.generation;
}

function Shows({ of, before, close }: { of: Generation; before?: number; close: () => void }) {
  const to = String(of.generation);
  const changes = useCall('compareSettings', before === undefined ? { from: to, to } : { from: String(before), to });
  return (
    <Dialog title={t('history.one', { n: of.generation })} wide onClose={close}>
      <p class="quiet">{before === undefined ? t('history.first') : t('history.against', { n: before })}</p>
      <Shown of={changes}>{(data) => <Diff of={data.changes} />}</Shown>
      <div class="row end"><Button look="first" onPress={close}>{t('close')}</Button></div>
    </Dialog>
  );
}
