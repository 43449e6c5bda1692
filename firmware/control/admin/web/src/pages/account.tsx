// What belongs to the person who is logged in: password, devices, recovery codes, sessions, tokens.
import { useSignal } from '@preact/signals';
import { call, may, session } from '../api/client';
import { useCall } from '../api/load';
import type { SessionEntry, Totp } from '../api/schema';
import { ago, when } from '../lib/format';
import { tell } from '../lib/notice';
import { t } from '../lib/words';
import { Badge, Button, Card } from '../ui/basics';
import { ask, Dialog } from '../ui/dialog';
import { Codes, EnrolDevice } from '../ui/enrol';
import { fields_of } from '../ui/fields';
import { Form } from '../ui/form';
import { Lonely } from '../ui/lonely';
import { Page, Shown } from '../ui/page';
import { Table } from '../ui/table';
import { Tokens } from './tokens';

export function Account() {
  return (
    <Page title={t('account.title')} about={t('account.about', { user: session.value?.user ?? '' })}>
      <div class="cols-2">
        <Card title={t('account.password')}>
          <PasswordForm />
        </Card>
        <Devices />
      </div>
      <Sessions />
      {may('owner', 'operator') && <Tokens />}
    </Page>
  );
}

export function ChangePassword({ forced }: { forced: boolean }) {
  return (
    <Lonely title={t('account.password')}>
      {forced && <p>{t('account.password.forced')}</p>}
      <PasswordForm />
    </Lonely>
  );
}

function PasswordForm() {
  return (
    <Form
      fields={fields_of('changePassword', {
        old: { kind: 'password', autocomplete: 'current-password' },
        new: { kind: 'password', autocomplete: 'new-password', help: t('password.help') },
      })}
      act={t('account.password.act')}
      done={t('account.password.done')}
      submit={async (values) => {
        await call('changePassword', {}, { old: String(values['old']), new: String(values['new']) });
        session.value = await call('getSession');
      }}
    />
  );
}

function Devices() {
  const devices = useCall('listTotp');
  const adding = useSignal(false);
  const codes = useSignal<string[] | null>(null);
  const close = () => {
    adding.value = false;
    codes.value = null;
    void devices.again();
  };
  const remove = (one: Totp) =>
    ask({
      title: t('device.remove'),
      what: t('device.remove.what', { label: one.label }),
      act: t('remove'),
      harm: true,
      run: async () => (await call('removeTotp', { id: one.id }), await devices.again()),
    });
  return (
    <Card title={t('device.title')} about={t('device.about')} actions={<Button onPress={() => (adding.value = true)}>{t('device.add')}</Button>}>
      <Shown of={devices}>
        {(data) => (
          <div class="stack">
            <Table
              caption={t('device.title')}
              rows={data.devices}
              id={(one) => one.id}
              columns={[
                { name: t('field.label'), head: true, cell: (one) => one.label },
                { name: t('device.used'), cell: (one) => (one.used ? ago(one.used) : '–') },
                { name: t('acts'), cell: (one) => <Button look="tiny" label={t('device.remove.label', { label: one.label })} onPress={() => remove(one)}>{t('remove')}</Button> },
              ]}
            />
            <div class="row spread">
              <span>{t('codes.left', { n: data.recovery_codes_left })}</span>
              <Button
                onPress={() =>
                  ask({
                    title: t('codes.new'),
                    what: t('codes.new.what'),
                    act: t('codes.new'),
                    run: async () => void (codes.value = (await call('newRecoveryCodes')).codes),
                  })
                }
              >
                {t('codes.new')}
              </Button>
            </div>
          </div>
        )}
      </Shown>
      {adding.value && (
        <Dialog title={t('device.add')} onClose={close}>
          <EnrolDevice
            done={(made) => {
              tell(t('device.added'));
              adding.value = false;
              if (made.length > 0) codes.value = made;
              void devices.again();
            }}
          />
          <div class="row end">
            <Button onPress={close}>{t('cancel')}</Button>
          </div>
        </Dialog>
      )}
      {codes.value && (
        <Dialog title={t('codes.title')} onClose={close}>
          <Codes codes={codes.value} />
          <Button look="first" onPress={close}>{t('codes.kept')}</Button>
        </Dialog>
      )}
    </Card>
  );
}

export function Sessions() {
  const sessions = useCall('listSessions');
  const end = (one: SessionEntry) =>
    ask({
      title: t('session.end'),
      what: t('session.end.what', { user: one.user, source: one.source }),
      act: t('session.end'),
      harm: true,
      run: async () => (await call('endSession', { id: one.id }), await sessions.again()),
    });
  return (
    <Card title={t('session.title')} flush>
      <Shown of={sessions}>
        {(data) => (
          <Table
            caption={t('session.title')}
            rows={data.sessions}
            id={(one) => one.id}
            columns={[
              { name: t('field.user'), head: true, cell: (one) => one.user },
              { name: t('session.from'), cell: (one) => one.source },
              { name: t('session.browser'), cell: (one) => <span class="small">{one.agent}</span> },
              { name: t('session.began'), cell: (one) => when(one.began) },
              { name: t('session.seen'), cell: (one) => ago(one.seen) },
              { name: t('acts'), cell: (one) => (one.current ? <Badge tone="ok">{t('session.this')}</Badge> : <Button look="tiny" onPress={() => end(one)}>{t('session.end')}</Button>) },
            ]}
          />
        )}
      </Shown>
    </Card>
  );
}
