// How a key comes into the box (made here, or brought), and how a DKIM key goes on in its life.
import { call } from '../api/client';
import type { Key, Operations } from '../api/schema';
import { tell } from '../lib/notice';
import { named, t } from '../lib/words';
import { Banner, Button } from '../ui/basics';
import { Dialog } from '../ui/dialog';
import { fields_of, lines_of, text_of, type Values } from '../ui/fields';
import { Form } from '../ui/form';

interface Props {
  close: () => void;
  done: () => unknown;
}

type Make = Operations['makeKey']['body'];
type Rotate = Operations['rotateKey']['body'];

const is = (kind: string) => (values: Values): boolean => values['kind'] === kind;

// Only what was filled in is sent.
function filled<T>(values: Values, ...names: string[]): T {
  return Object.fromEntries(names.map((name) => [name, text_of(values, name)]).filter(([, value]) => value !== '')) as T;
}

const algorithms = () => [
  { value: '', label: t('keys.usual') },
  ...['ecdsa', 'rsa', 'ed25519'].map((value) => ({ value, label: value })),
];

export function MakeKey({ close, done }: Props) {
  return (
    <Dialog title={t('keys.make')} onClose={close}>
      <Form
        fields={fields_of(
          'makeKey',
          {
            kind: { choices: ['tls', 'dkim'].map((value) => ({ value, label: named('key', value) })) },
            name: { help: t('keys.name.help') },
            names: { kind: 'long', rows: 2, when: is('tls'), help: t('keys.names.help'), required: true },
            domain: { when: is('dkim'), required: true },
            selector: { when: is('dkim'), help: t('keys.selector.help'), required: true },
            algorithm: { choices: algorithms(), value: '' },
          },
          ['kind', 'name', 'names', 'domain', 'selector', 'algorithm'],
        )}
        act={t('keys.make')}
        submit={async (values) => {
          const given = filled<Make>(values, 'kind', 'name', 'domain', 'selector', 'algorithm');
          await call('makeKey', {}, { ...given, ...(given.kind === 'tls' && { names: lines_of(values, 'names') }) });
          await done();
        }}
        more={<Button onPress={close}>{t('cancel')}</Button>}
      />
    </Dialog>
  );
}

export function UploadKey({ close, done }: Props) {
  return (
    <Dialog title={t('keys.upload')} wide onClose={close}>
      <Form
        fields={fields_of(
          'uploadKey',
          {
            name: { help: t('keys.name.help') },
            chain: { kind: 'long', rows: 8, mono: true, required: true, help: t('keys.chain.help'), placeholder: '-----BEGIN CERTIFICATE-----' },
            key: { kind: 'long', rows: 6, mono: true, help: t('keys.key.help') },
          },
          ['name', 'chain', 'key'],
        )}
        act={t('keys.upload')}
        submit={async (values) => {
          const made = await call('uploadKey', {}, filled(values, 'name', 'chain', 'key'));
          for (const text of made.warnings ?? []) tell(text, 'info');
          await done();
        }}
        more={<Button onPress={close}>{t('cancel')}</Button>}
      />
    </Dialog>
  );
}

// Either a successor begins, or this key is moved by hand.
export function RotateKey({ of, states, close, done }: Props & { of: Key; states: string[] }) {
  return (
    <Dialog title={t('keys.rotate.label', { name: of.name })} onClose={close}>
      <Banner>{t('keys.rotate.what', { state: named('life', of.state ?? '') })}</Banner>
      <Form
        fields={[
          { name: 'to', label: t('keys.rotate.to'), kind: 'choice', value: '', choices: [{ value: '', label: t('keys.rotate.successor') }, ...states.map((value) => ({ value, label: t('keys.rotate.by_hand', { state: named('life', value) }) }))] },
          ...fields_of('rotateKey', { selector: { when: (values) => values['to'] === '', help: t('keys.selector.help') } }, ['selector']),
        ]}
        act={t('keys.rotate')}
        submit={async (values) => {
          const to = text_of(values, 'to') as Rotate['to'] | '';
          await call('rotateKey', { name: of.name }, to ? { to, sure: true } : filled<Rotate>(values, 'selector'));
          close();
          await done();
        }}
        more={<Button onPress={close}>{t('cancel')}</Button>}
      />
    </Dialog>
  );
}
