// First boot: from the code on the console to a box that takes mail for a domain, in three steps.
import { signal, useSignal } from '@preact/signals';
import { call, session } from '../api/client';
import { useCall } from '../api/load';
import type { Owner, SetupState } from '../api/schema';
import { go } from '../lib/route';
import { t } from '../lib/words';
import { Button, Copy } from '../ui/basics';
import { Codes, Device } from '../ui/enrol';
import { fields_of, text_of } from '../ui/fields';
import { Form } from '../ui/form';
import { Lonely } from '../ui/lonely';
import { Shown } from '../ui/page';
import { SetupBox } from './setup_box';

// The last step is still to be done: kept over a reload of the page, until it is done or put off.
const kStore = 'postern.first-boot';
export const box_is_new = signal(sessionStorage.getItem(kStore) !== null);

function last_step(open: boolean): void {
  box_is_new.value = open;
  if (open) sessionStorage.setItem(kStore, 'box');
  else sessionStorage.removeItem(kStore);
}

const kSteps = ['code', 'owner', 'box'] as const;

export function Setup() {
  const state = useCall('getSetup');
  const now = session.value?.state;
  // The owner's codes stay on the screen although the session is a full one by then.
  const codes = useSignal<string[] | null>(null);
  const step = codes.value ? 1 : now === 'none' ? 0 : now === 'setup' ? 1 : 2;
  return (
    <Lonely title={t(`setup.${kSteps[step]!}.title` as 'setup.code.title')} wide={step === 2}>
      <ol class="steps" aria-label={t('setup.steps')}>
        {kSteps.map((name, at) => (
          <li key={name} aria-current={at === step ? 'step' : undefined} class={at < step ? 'done' : undefined}>
            {at + 1}. {t(`setup.${name}.short`)}
            {at < step && <span class="unseen"> {t('setup.done')}</span>}
          </li>
        ))}
      </ol>
      <Shown of={state}>
        {(setup) =>
          codes.value ? (
            <>
              <Codes codes={codes.value} />
              <Button look="first" onPress={() => (codes.value = null)}>
                {t('codes.kept')}
              </Button>
            </>
          ) : step === 0 ? (
            <Claim setup={setup} />
          ) : step === 1 ? (
            <MakeOwner
              done={(made) => {
                codes.value = made;
                last_step(true);
              }}
            />
          ) : (
            <SetupBox
              ports={setup.ports ?? []}
              later={() => last_step(false)}
              done={async () => {
                session.value = await call('getSession');
                go('domains');
                last_step(false);
              }}
            />
          )
        }
      </Shown>
    </Lonely>
  );
}

function Claim({ setup }: { setup: SetupState }) {
  return (
    <>
      <p>{t('setup.code.text')}</p>
      {setup.fingerprint && (
        <div class="record small">
          <p class="quiet">{t('setup.fingerprint')}</p>
          <Copy text={setup.fingerprint} what={t('setup.fingerprint.name')} />
        </div>
      )}
      <Form
        fields={fields_of('claimSetup', { code: { label: t('setup.code'), mono: true } })}
        act={t('next')}
        submit={async (values) => {
          session.value = await call('claimSetup', {}, { code: text_of(values, 'code') });
        }}
      />
    </>
  );
}

function MakeOwner({ done }: { done: (codes: string[]) => void }) {
  const owner = useSignal<Owner | null>(null);
  if (!owner.value) {
    return (
      <>
        <p>{t('setup.owner.text')}</p>
        <Form
          key="owner"
          fields={fields_of(
            'setupOwner',
            {
              name: { label: t('field.user'), autocomplete: 'username', help: t('users.name.help') },
              password: { kind: 'password', autocomplete: 'new-password', help: t('password.help') },
            },
            ['name', 'full_name', 'password'],
          )}
          act={t('next')}
          submit={async (values) => {
            const full_name = text_of(values, 'full_name');
            owner.value = await call('setupOwner', {}, {
              name: text_of(values, 'name'),
              password: String(values['password']),
              ...(full_name && { full_name }),
            });
          }}
        />
      </>
    );
  }
  const made = owner.value;
  return (
    <>
      <Device of={made.totp} />
      <Form
        key="code"
        fields={fields_of('confirmOwner', { code: { autocomplete: 'one-time-code', help: t('login.code.help') } })}
        act={t('enrol.confirm')}
        submit={async (values) => {
          const full = await call('confirmOwner', {}, { code: text_of(values, 'code').replaceAll(' ', '') });
          done(made.recovery_codes);
          session.value = full;
        }}
      />
    </>
  );
}
