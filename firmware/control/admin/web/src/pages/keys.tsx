// Keys and certificates: what there is, until when, and the life of DKIM keys. Never a private half.
import { useSignal } from '@preact/signals';
import { call, owner } from '../api/client';
import { useCall } from '../api/load';
import type { Key } from '../api/schema';
import { day, when } from '../lib/format';
import { tell } from '../lib/notice';
import { named, t } from '../lib/words';
import { Badge, Button, Card, copy_text, Copy, Facts, save_file } from '../ui/basics';
import { Left } from '../ui/dashboard_lists';
import { ask, Dialog } from '../ui/dialog';
import { Page, Shown } from '../ui/page';
import { Result } from '../ui/result';
import { Table } from '../ui/table';
import { MakeKey, RotateKey, UploadKey } from './key_forms';

const kLife = ['new', 'published', 'signing', 'retiring', 'removed'];

interface Text {
  title: string;
  text: string;
  name: string;
}

export function Keys() {
  const keys = useCall('listKeys');
  const dialog = useSignal<'make' | 'upload' | null>(null);
  const shown = useSignal<Text | null>(null);
  const close = () => (dialog.value = null);
  const done = async () => {
    close();
    tell(t('keys.done'));
    await keys.again();
  };
  return (
    <Page
      title={t('keys.title')}
      about={t('keys.about')}
      actions={
        owner() && (
          <>
            <Button look="first" onPress={() => (dialog.value = 'make')}>{t('keys.make')}</Button>
            <Button onPress={() => (dialog.value = 'upload')}>{t('keys.upload')}</Button>
          </>
        )
      }
    >
      <Shown of={keys}>
        {(data) => (
          <>
            <TlsKeys rows={data.entries.filter((one) => one.kind === 'tls')} again={keys.again} show={(of) => (shown.value = of)} />
            <DkimKeys rows={data.entries.filter((one) => one.kind === 'dkim')} again={keys.again} />
            <OtherKeys rows={data.entries.filter((one) => one.kind !== 'tls' && one.kind !== 'dkim')} />
            {data.master && <Card title={t('keys.master')} about={t('keys.master.about')}><Result of={data.master} /></Card>}
          </>
        )}
      </Shown>
      {dialog.value === 'make' && <MakeKey close={close} done={done} />}
      {dialog.value === 'upload' && <UploadKey close={close} done={done} />}
      {shown.value && <ShowText of={shown.value} close={() => (shown.value = null)} />}
    </Page>
  );
}

function ShowText({ of, close }: { of: Text; close: () => void }) {
  return (
    <Dialog title={of.title} wide onClose={close}>
      <pre class="record" tabIndex={0} role="group" aria-label={of.title}>{of.text}</pre>
      <div class="row end">
        <Button onPress={() => copy_text(of.text)}>{t('copy')}</Button>
        <Button onPress={() => save_file(of.name, of.text)}>{t('save.file')}</Button>
        <Button look="first" onPress={close}>{t('close')}</Button>
      </div>
    </Dialog>
  );
}

interface ListProps {
  rows: Key[];
  again: () => Promise<void>;
}

function Remove({ of, again }: { of: Key; again: () => Promise<void> }) {
  const remove = () =>
    ask({
      title: t('keys.remove'),
      what: t('keys.remove.what', { name: of.name }),
      act: t('keys.remove'),
      harm: true,
      run: async () => (await call('deleteKey', { name: of.name }), await again()),
    });
  return <Button look="tiny harm" label={t('keys.remove.label', { name: of.name })} onPress={remove}>{t('remove')}</Button>;
}

function TlsKeys({ rows, again, show }: ListProps & { show: (of: Text) => void }) {
  const request = async (one: Key) => show({ title: t('keys.csr'), text: (await call('makeCsr', { name: one.name }, {})).csr, name: `${one.name}.csr` });
  const chain = async (one: Key) => show({ title: t('keys.chain'), text: (await call('getKey', { name: one.name })).chain ?? '–', name: `${one.name}.pem` });
  return (
    <Card title={t('keys.tls')} flush>
      <Table
        caption={t('keys.tls')}
        rows={rows}
        id={(one) => one.name}
        empty={t('keys.tls.none')}
        columns={[
          { name: t('field.name'), head: true, cell: (one) => <>{one.name}<div class="quiet small">{named('use', one.use ?? '')}</div></> },
          { name: t('keys.for'), cell: (one) => <><div>{(one.names ?? []).join(', ')}</div>{one.fingerprint && <details class="small"><summary>{t('keys.fingerprints')}</summary><Facts of={[['SHA-256', <Copy text={one.fingerprint} what="SHA-256" />], ['TLSA 3 1 1', <Copy text={one.spki_sha256 ?? ''} what="TLSA 3 1 1" />]]} /></details>}</> },
          { name: t('field.algorithm'), cell: (one) => one.algorithm ?? '–' },
          { name: t('keys.issuer'), cell: (one) => <span class="small">{one.self_signed ? t('keys.self_signed') : (one.issuer ?? '–')}</span> },
          { name: t('certificate.until'), cell: (one) => <span class="row"><span class="nowrap">{day(one.not_after)}</span> <Left until={one.not_after} /></span> },
          {
            name: t('acts'),
            cell: (one) => (
              <div class="row">
                <Button look="tiny" label={t('keys.chain.label', { name: one.name })} onPress={() => chain(one)}>{t('keys.chain')}</Button>
                {owner() && <Button look="tiny" label={t('keys.csr.label', { name: one.name })} onPress={() => request(one)}>{t('keys.csr')}</Button>}
                {owner() && <Remove of={one} again={again} />}
              </div>
            ),
          },
        ]}
      />
    </Card>
  );
}

function DkimKeys({ rows, again }: ListProps) {
  const rotating = useSignal<Key | null>(null);
  return (
    <Card title={t('keys.dkim')} about={t('keys.dkim.about')} flush>
      <Table
        caption={t('keys.dkim')}
        rows={rows}
        id={(one) => one.name}
        empty={t('keys.dkim.none')}
        columns={[
          { name: t('field.domain'), head: true, cell: (one) => <>{one.domain}<div class="quiet small">{one.selector}, {one.algorithm}</div></> },
          { name: t('keys.life'), cell: (one) => <Life of={one} /> },
          {
            name: t('keys.record'),
            cell: (one) =>
              one.record ? (
                <details>
                  <summary class="mono">{one.record_name}</summary>
                  <div class="record stack">
                    <Copy text={one.record} what={t('keys.record')} />
                  </div>
                </details>
              ) : (
                '–'
              ),
          },
          {
            name: t('acts'),
            cell: (one) =>
              owner() && (
                <div class="row">
                  <Button look="tiny" label={t('keys.rotate.label', { name: one.name })} onPress={() => (rotating.value = one)}>{t('keys.rotate')}</Button>
                  <Remove of={one} again={again} />
                </div>
              ),
          },
        ]}
      />
      {rotating.value && <RotateKey of={rotating.value} states={kLife.slice(1)} close={() => (rotating.value = null)} done={again} />}
    </Card>
  );
}

function Life({ of }: { of: Key }) {
  const now = of.state ?? '';
  if (!kLife.includes(now)) return <Badge>{now || t('unknown')}</Badge>;
  return (
    <>
      <ol class="steps">
        {kLife.map((name) => (
          <li key={name} aria-current={name === now ? 'step' : undefined}>{named('life', name)}</li>
        ))}
      </ol>
      {of.next && <p class="quiet small">{of.next}</p>}
    </>
  );
}

function OtherKeys({ rows }: { rows: Key[] }) {
  if (rows.length === 0) return null;
  return (
    <Card title={t('keys.other')} flush>
      <Table
        caption={t('keys.other')}
        rows={rows}
        id={(one) => one.name}
        columns={[
          { name: t('field.name'), head: true, cell: (one) => one.name },
          { name: t('field.kind'), cell: (one) => named('key', one.kind) },
          { name: t('field.use'), cell: (one) => named('use', one.use ?? '') },
          { name: t('keys.changed'), cell: (one) => when(one.changed ?? one.created) },
        ]}
      />
    </Card>
  );
}
