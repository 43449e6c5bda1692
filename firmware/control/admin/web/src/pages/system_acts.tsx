// Acts on the box: backup and restore, the support bundle, updates, restart, reboot, factory reset.
import { call, owner } from '../api/client';
import { useSignal } from '@preact/signals';
import { useCall } from '../api/load';
import type { Change } from '../api/schema';
import { go } from '../lib/route';
import { tell } from '../lib/notice';
import { t } from '../lib/words';
import { Badge, Banner, Button, Card, save_file } from '../ui/basics';
import { words_of } from '../ui/dashboard_lists';
import { ask } from '../ui/dialog';
import { Diff } from '../ui/diff';
import { fields_of, text_of } from '../ui/fields';
import { Form } from '../ui/form';
import { look_at_store } from '../ui/frame_banners';
import { JobView, useJob } from '../ui/job';
import { Shown } from '../ui/page';
import { Result } from '../ui/result';
import { Table } from '../ui/table';

function binary(base64: string): Blob {
  return new Blob([Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))]);
}

async function base64_of(file: File): Promise<string> {
  const content = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < content.length; at += 8192) text += String.fromCharCode(...content.subarray(at, at + 8192));
  return btoa(text);
}

export function Backup() {
  const diff = useSignal<Change[] | null>(null);
  return (
    <div class="cols-2">
      <Card title={t('backup.make')} about={t('backup.make.about')}>
        <Form
          fields={fields_of('makeBackup', { passphrase: { kind: 'password', autocomplete: 'new-password', help: t('backup.passphrase.help') }, secrets: { label: t('backup.secrets'), help: t('backup.secrets.help') } })}
          act={t('backup.make.act')}
          done={t('backup.made')}
          submit={async (values) => {
            const made = await call('makeBackup', {}, { passphrase: String(values['passphrase']), secrets: values['secrets'] === true });
            save_file(`postern-${new Date().toISOString().slice(0, 10)}.backup`, binary(made.file));
          }}
        />
      </Card>
      <Card title={t('backup.restore')} about={t('backup.restore.about')}>
        <Form
          fields={[
            { name: 'file', label: t('backup.file'), kind: 'file', required: true },
            ...fields_of('importSettings', { passphrase: { kind: 'password', shortest: 1 } }, ['passphrase']),
          ]}
          act={t('backup.restore.act')}
          submit={async (values) => {
            const made = await call('importSettings', {}, { passphrase: String(values['passphrase']), file: await base64_of(values['file'] as File) });
            diff.value = made.changes;
            await look_at_store();
          }}
        />
        {diff.value && (
          <div class="stack">
            <Banner>{t('backup.loaded', { n: diff.value.length })}</Banner>
            <Diff of={diff.value} />
            <Button look="first" onPress={() => go('settings', ['review'])}>{t('backup.review')}</Button>
          </div>
        )}
      </Card>
    </div>
  );
}

export function Support() {
  const list = useCall('getSupportBundle', { list: true } as never);
  return (
    <Card
      title={t('support.title')}
      about={t('support.about')}
      actions={
        <Button look="first" onPress={async () => save_file('postern-support.json', JSON.stringify(await call('getSupportBundle'), null, 1), 'application/json')}>{t('support.act')}</Button>
      }
    >
      <Shown of={list}>{(data) => <details open><summary>{t('support.holds')}</summary><Result of={data} /></details>}</Shown>
    </Card>
  );
}

export function Updates() {
  const update = useCall('getUpdate');
  const { job, run } = useJob();
  return (
    <Shown of={update}>
      {(data) => (
        <div class="stack">
          {data.trouble && <Banner tone="warn">{data.trouble}</Banner>}
          <Card title={t('update.slots')} flush>
            <Table
              caption={t('update.slots')}
              rows={data.slots ?? []}
              id={(one) => words_of(one, 'name', 'slot', 'id')}
              empty={t('update.no_slots')}
              columns={[
                { name: t('system.slot'), head: true, cell: (one) => <>{words_of(one, 'name', 'slot', 'id')} {words_of(one, 'name', 'slot', 'id') === data.running && <Badge tone="ok">{t('history.running')}</Badge>}</> },
                { name: t('system.version'), cell: (one) => words_of(one, 'version') || '–' },
                { name: t('field.state'), cell: (one) => words_of(one, 'condition') || '–' },
                { name: t('update.tries'), number: true, cell: (one) => words_of(one, 'tries', 'tries_left') || '–' },
              ]}
            />
          </Card>
          {owner() && (
            <Card title={t('update.install')} about={t('update.install.about')}>
              <div class="stack">
                <Form
                  fields={fields_of('startUpdate', { file: { required: true, placeholder: 'usb' } }, ['file'])}
                  act={t('update.install')}
                  submit={async (values) => void (await run(() => call('startUpdate', {}, { file: text_of(values, 'file') })))}
                />
                <JobView job={job.value} />
                {(data.slots ?? []).length > 1 && (
                  <Button onPress={() => ask({ title: t('update.back'), what: t('update.back.what'), act: t('update.back'), harm: true, run: () => call('rollbackUpdate', {}, { sure: true }) })}>{t('update.back')}</Button>
                )}
              </div>
            </Card>
          )}
        </div>
      )}
    </Shown>
  );
}

export function Power() {
  const restart = async () => {
    const would = await call('restartDataplane', {}, { dry_run: true });
    ask({
      title: t('power.restart'),
      what: <><p>{would.text ?? t('power.restart.what')}</p>{(would.waiting ?? []).length > 0 && <p>{t('power.takes', { names: would.waiting!.join(', ') })}</p>}</>,
      act: t('power.restart'),
      harm: true,
      run: async () => (await call('restartDataplane', {}, { dry_run: false }), tell(t('power.restarting'))),
    });
  };
  const reset = async () => {
    const would = await call('factoryReset', {}, { dry_run: true });
    ask({
      title: t('power.reset'),
      what: <Banner tone="bad">{would.text ?? t('power.reset.what')}</Banner>,
      act: t('power.reset.act'),
      harm: true,
      run: async () => (await call('factoryReset', {}, { sure: true }), tell(t('power.resetting'), 'bad')),
    });
  };
  const reboot = () =>
    ask({ title: t('power.reboot'), what: t('power.reboot.what'), act: t('power.reboot'), harm: true, run: async () => (await call('reboot', {}, { sure: true }), tell(t('power.rebooting'))) });
  return (
    <div class="cols-3">
      <Card title={t('power.restart')} about={t('power.restart.what')}><Button onPress={restart}>{t('power.restart')}</Button></Card>
      {owner() && <Card title={t('power.reboot')} about={t('power.reboot.what')}><Button look="harm" onPress={reboot}>{t('power.reboot')}</Button></Card>}
      {owner() && <Card title={t('power.reset')} about={t('power.reset.what')}><Button look="harm" onPress={reset}>{t('power.reset')}</Button></Card>}
    </div>
  );
}
