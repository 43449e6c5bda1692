// Acts on the queue. Each is asked with `dry_run` first, and what the box answered stands in the dialog.
import { useSignal } from '@preact/signals';
import { call } from '../api/client';
import type { QueueActed } from '../api/schema';
import { tell } from '../lib/notice';
import { t } from '../lib/words';
import { Banner, Button } from '../ui/basics';
import { Dialog } from '../ui/dialog';
import { fields_of, text_of } from '../ui/fields';
import { Form } from '../ui/form';

const kActs = ['retry', 'hold', 'release', 'reroute', 'bounce', 'drop'] as const;
type Act = (typeof kActs)[number];

export interface Aim {
  ids?: string[];
  all?: boolean;
  domain?: string;
  sender?: string;
  recipient?: string;
  reason?: string;
  older?: string;
}

interface Props {
  aim: Aim;
  n: number;
  chosen: boolean;
  done: () => unknown;
}

export function QueueActs({ aim, n, chosen, done }: Props) {
  const asked = useSignal<{ act: Act; would: QueueActed } | null>(null);
  const close = () => (asked.value = null);
  const now = asked.value;
  return (
    <div class="row queue-acts" role="group" aria-label={t('queue.acts')}>
      <span class="quiet">{t(chosen ? 'queue.chosen' : 'queue.all', { n })}</span>
      {kActs.map((act) => (
        <Button
          key={act}
          look={act === 'drop' || act === 'bounce' ? 'tiny harm' : 'tiny'}
          onPress={async () => {
            // Where the way leads is asked in the dialog; until then a dry run needs some way.
            const would = await call('actOnQueue', {}, { action: act, ...aim, ...(act === 'reroute' && { to: '127.0.0.1:25' }), dry_run: true });
            asked.value = { act, would };
          }}
        >
          {t(`queue.act.${act}`)}
        </Button>
      ))}
      {now && (
        <Dialog title={t(`queue.act.${now.act}`)} onClose={close}>
          <Banner tone={now.act === 'drop' || now.act === 'bounce' ? 'warn' : 'info'}>
            <p class="strong">{t('queue.would', { n: now.would.matched })}</p>
            <p>{t(`queue.what.${now.act}`)}</p>
          </Banner>
          {(now.would.examples ?? []).length > 0 && (
            <ul class="small record">
              {now.would.examples!.slice(0, 5).map((one) => (
                <li key={one.id} class="wrap">
                  <code>{one.id}</code> {one.from || t('messages.empty_sender')}
                </li>
              ))}
            </ul>
          )}
          <Form
            fields={fields_of('actOnQueue', { to: { required: true, label: t('queue.to'), placeholder: 'relay.example.net:25' }, comment: { label: t('field.comment') } }, now.act === 'reroute' ? ['to', 'comment'] : ['comment'])}
            act={t('queue.do', { act: t(`queue.act.${now.act}`), n: now.would.matched })}
            look={now.act === 'drop' || now.act === 'bounce' ? 'harm first' : 'first'}
            submit={async (values) => {
              const to = text_of(values, 'to');
              const comment = text_of(values, 'comment');
              const did = await call('actOnQueue', {}, { action: now.act, ...aim, ...(to && { to }), ...(comment && { comment }), dry_run: false });
              tell(t('queue.did', { n: did.changed }));
              close();
              await done();
            }}
            more={<Button onPress={close}>{t('cancel')}</Button>}
          />
        </Dialog>
      )}
    </div>
  );
}
