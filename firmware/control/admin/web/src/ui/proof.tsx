// Keys, users, updates and reset ask the person once more who they are; the answer holds for ten minutes.
import { call, proof, session } from '../api/client';
import { t } from '../lib/words';
import { Button } from './basics';
import { Dialog } from './dialog';
import { text_of } from './fields';
import { Form } from './form';

export function Proof() {
  const asked = proof.value;
  if (!asked) return null;
  const leave = () => asked.done(false);
  return (
    <Dialog title={t('proof.title')} onClose={leave}>
      <p>{t('proof.why')}</p>
      <Form
        fields={[
          { name: 'password', label: t('field.password'), kind: 'password', required: true, autocomplete: 'current-password' },
          { name: 'code', label: t('field.code'), kind: 'text', required: true, autocomplete: 'one-time-code', help: t('login.code.help') },
        ]}
        act={t('proof.act')}
        submit={async (values) => {
          const code = text_of(values, 'code').replaceAll(' ', '');
          const second = /^\d{6}$/.test(code) ? { code } : { recovery_code: code };
          session.value = await call('stepUp', {}, { password: String(values['password']), ...second });
          asked.done(true);
        }}
        more={<Button onPress={leave}>{t('cancel')}</Button>}
      />
    </Dialog>
  );
}
