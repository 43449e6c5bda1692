// The way in: name and password, the second factor, and at the first login a device of one's own.
import { useSignal } from '@preact/signals';
import { call, session } from '../api/client';
import { t } from '../lib/words';
import { Button } from '../ui/basics';
import { Codes, EnrolDevice } from '../ui/enrol';
import { fields_of, text_of } from '../ui/fields';
import { Form } from '../ui/form';
import { Lonely } from '../ui/lonely';

export function Login() {
  return (
    <Lonely title={t('login.title')}>
      <Form
        key="login"
        fields={fields_of('login', {
          user: { autocomplete: 'username' },
          password: { kind: 'password', autocomplete: 'current-password' },
        })}
        act={t('login.act')}
        submit={async (values) => {
          session.value = await call('login', {}, { user: text_of(values, 'user'), password: String(values['password']) });
        }}
      />
      <p class="quiet small">{t('login.lost')}</p>
    </Lonely>
  );
}

export function SecondFactor() {
  const recovery = useSignal(false);
  const name = recovery.value ? 'recovery_code' : 'code';
  return (
    <Lonely title={t('login.code.title')}>
      <p>{t(recovery.value ? 'login.recovery.help' : 'login.code.text')}</p>
      <Form
        key={name}
        fields={fields_of('secondFactor', { [name]: { required: true, autocomplete: 'one-time-code' } }, [name])}
        act={t('login.act')}
        submit={async (values) => {
          const code = text_of(values, name).replaceAll(' ', '');
          session.value = await call('secondFactor', {}, recovery.value ? { recovery_code: code } : { code });
        }}
        more={<Button onPress={leave}>{t('login.other')}</Button>}
      />
      <Button look="bare" onPress={() => (recovery.value = !recovery.value)}>
        {t(recovery.value ? 'login.use.device' : 'login.use.recovery')}
      </Button>
    </Lonely>
  );
}

async function leave() {
  await call('logout');
  session.value = await call('getSession');
}

// Nobody works here with a password alone: the first login adds a device.
export function Enrol() {
  const codes = useSignal<string[] | null>(null);
  if (codes.value) {
    return (
      <Lonely title={t('codes.title')}>
        <Codes codes={codes.value} />
        <Button look="first" onPress={async () => (session.value = await call('getSession'))}>
          {t('codes.kept')}
        </Button>
      </Lonely>
    );
  }
  return (
    <Lonely title={t('enrol.title')}>
      <p>{t('enrol.why')}</p>
      <EnrolDevice
        done={async (given) => {
          if (given.length > 0) codes.value = given;
          else session.value = await call('getSession');
        }}
      />
    </Lonely>
  );
}
