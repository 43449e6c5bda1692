// A new TOTP device: its QR picture, its key for typing, its first code; and recovery codes, shown once.
import { useSignal } from '@preact/signals';
import { call } from '../api/client';
import type { TotpNew } from '../api/schema';
import { t } from '../lib/words';
import { Banner, Button, Copy, copy_text, save_file } from './basics';
import { fields_of, text_of } from './fields';
import { Form } from './form';

export function Qr({ of }: { of: TotpNew['qr'] }) {
  // One path of unit squares; dark on white in both themes, as cameras expect.
  const path = of.rows.flatMap((row, y) => [...row].map((bit, x) => (bit === '1' ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <svg class="qr" viewBox={`0 0 ${of.size} ${of.size}`} role="img" aria-label={t('enrol.qr')} shape-rendering="crispEdges">
      <path d={path} fill="#000" />
    </svg>
  );
}

export function Device({ of }: { of: TotpNew }) {
  return (
    <div class="stack">
      <p>{t('enrol.scan')}</p>
      <Qr of={of.qr} />
      <div>
        <p class="quiet small">{t('enrol.type')}</p>
        <Copy text={of.secret} what={t('enrol.key')} />
      </div>
    </div>
  );
}

export function EnrolDevice({ done }: { done: (codes: string[]) => unknown }) {
  const device = useSignal<TotpNew | null>(null);
  if (!device.value) {
    return (
      <Form
        key="label"
        fields={fields_of('addTotp', { label: { label: t('enrol.label'), help: t('enrol.label.help'), value: t('enrol.label.default') } })}
        act={t('enrol.begin')}
        submit={async (values) => {
          device.value = await call('addTotp', {}, { label: text_of(values, 'label') });
        }}
      />
    );
  }
  const { id } = device.value;
  return (
    <>
      <Device of={device.value} />
      <Form
        key="code"
        fields={fields_of('confirmTotp', { code: { autocomplete: 'one-time-code', help: t('login.code.help') } })}
        act={t('enrol.confirm')}
        submit={async (values) => {
          const made = await call('confirmTotp', { id }, { code: text_of(values, 'code').replaceAll(' ', '') });
          await done(made.recovery_codes ?? []);
        }}
      />
    </>
  );
}

export function Codes({ codes }: { codes: string[] }) {
  const text = codes.join('\n');
  return (
    <div class="stack">
      <Banner tone="warn">{t('codes.once')}</Banner>
      <ul class="codes" aria-label={t('codes.title')}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div class="row">
        <Button onPress={() => copy_text(text)}>{t('copy')}</Button>
        <Button onPress={() => save_file('postern-recovery-codes.txt', text + '\n')}>{t('save.file')}</Button>
      </div>
    </div>
  );
}
