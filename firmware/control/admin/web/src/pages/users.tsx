// People: who may log in, as what, with what second factor; their sessions and tokens.
import { useSignal } from '@preact/signals';
import { call, owner, session } from '../api/client';
import { useCall } from '../api/load';
import type { User } from '../api/schema';
import { ago } from '../lib/format';
import { named, t } from '../lib/words';
import { Badge, Banner, Button, Card, Copy } from '../ui/basics';
import { ask, Dialog } from '../ui/dialog';
import { fields_of, text_of } from '../ui/fields';
import { Form } from '../ui/form';
import { Page, Shown } from '../ui/page';
import { Table } from '../ui/table';
import { Sessions } from './account';
import { Tokens } from './tokens';

type Role = User['role'];

export function Users() {
  const users = useCall('listUsers');
  const adding = useSignal(false);
  const changing = useSignal<User | null>(null);
  const made = useSignal<{ name: string; password: string } | null>(null);
  const close = () => {
    adding.value = false;
    changing.value = null;
  };
  return (
    <Page title={t('users.title')} about={t('users.about')} actions={owner() && <Button look="first" onPress={() => (adding.value = true)}>{t('users.add')}</Button>}>
      <Card flush>
        <Shown of={users}>{(data) => <List rows={data.users} change={(one) => (changing.value = one)} made={(of) => (made.value = of)} again={users.again} />}</Shown>
      </Card>
      <Card title={t('users.roles')}>
        <dl class="facts">
          {(['owner', 'operator', 'help_desk', 'auditor'] as const).map((role) => [<dt key={role}>{named('choice', role)}</dt>, <dd key={`${role}=`}>{t(`role.${role}`)}</dd>])}
        </dl>
      </Card>
      <Sessions />
      <Tokens />
      {adding.value && (
        <Dialog title={t('users.add')} onClose={close}>
          <Form
            fields={fields_of('addUser', { name: { label: t('field.user'), help: t('users.name.help') }, role: { value: 'operator' } }, ['name', 'full_name', 'role'])}
            act={t('users.add')}
            submit={async (values) => {
              const full_name = text_of(values, 'full_name');
              const name = text_of(values, 'name');
              const done = await call('addUser', {}, { name, role: text_of(values, 'role') as Role, ...(full_name && { full_name }) });
              close();
              if (done.password) made.value = { name, password: done.password };
              await users.again();
            }}
            more={<Button onPress={close}>{t('cancel')}</Button>}
          />
        </Dialog>
      )}
      {changing.value && (
        <Dialog title={t('users.change', { name: changing.value.name })} onClose={close}>
          <Form
            fields={fields_of('changeUser', { role: { value: changing.value.role }, full_name: { value: changing.value.full_name } })}
            act={t('save')}
            submit={async (values) => {
              await call('changeUser', { name: changing.value!.name }, { role: text_of(values, 'role') as Role, full_name: text_of(values, 'full_name') });
              close();
              await users.again();
            }}
            more={<Button onPress={close}>{t('cancel')}</Button>}
          />
        </Dialog>
      )}
      {made.value && (
        <Dialog title={t('users.password', { name: made.value.name })} onClose={() => (made.value = null)}>
          <Banner tone="warn">{t('users.password.once')}</Banner>
          <Copy text={made.value.password} what={t('field.password')} />
          <Button look="first" onPress={() => (made.value = null)}>{t('codes.kept')}</Button>
        </Dialog>
      )}
    </Page>
  );
}

interface ListProps {
  rows: User[];
  change: (one: User) => void;
  made: (of: { name: string; password: string }) => void;
  again: () => Promise<void>;
}

function List({ rows, change, made, again }: ListProps) {
  const reset = (one: User, second_factor: boolean) =>
    ask({
      title: t('users.reset'),
      what: t(second_factor ? 'users.reset.both' : 'users.reset.what', { name: one.name }),
      act: t('users.reset'),
      harm: true,
      run: async () => made({ name: one.name, password: (await call('resetUser', { name: one.name }, { second_factor })).password }),
    });
  const remove = (one: User) =>
    ask({
      title: t('users.remove'),
      what: t('users.remove.what', { name: one.name, n: one.sessions }),
      act: t('users.remove'),
      harm: true,
      run: async () => (await call('removeUser', { name: one.name }), await again()),
    });
  return (
    <Table
      caption={t('users.title')}
      rows={rows}
      id={(one) => one.name}
      columns={[
        { name: t('field.user'), head: true, cell: (one) => <>{one.name} {one.name === session.value?.user && <Badge tone="info">{t('users.you')}</Badge>}<div class="quiet small">{one.full_name}</div></> },
        { name: t('field.role'), cell: (one) => named('choice', one.role) },
        { name: t('users.factors'), cell: (one) => (one.devices > 0 ? <Badge tone="ok">{t('users.devices', { n: one.devices })}</Badge> : <Badge tone="warn">{t('users.no_device')}</Badge>) },
        { name: t('users.last'), cell: (one) => (one.last_login ? <>{ago(one.last_login)} <span class="quiet small">{one.last_source}</span></> : t('never')) },
        {
          name: t('acts'),
          cell: (one) =>
            owner() && (
              <div class="row">
                <Button look="tiny" label={t('users.change', { name: one.name })} onPress={() => change(one)}>{t('change')}</Button>
                <Button look="tiny" label={t('users.reset.label', { name: one.name })} onPress={() => reset(one, false)}>{t('users.reset')}</Button>
                <Button look="tiny" label={t('users.reset_factor.label', { name: one.name })} onPress={() => reset(one, true)}>{t('users.reset_factor')}</Button>
                <Button look="tiny harm" label={t('users.remove.label', { name: one.name })} onPress={() => remove(one)}>{t('remove')}</Button>
              </div>
            ),
        },
      ]}
    />
  );
}
