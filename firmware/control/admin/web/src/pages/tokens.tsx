// Tokens: what programs log in with. One may never do more than its person.
import { useSignal } from '@preact/signals';
import { call } from '../api/client';
import { useCall } from '../api/load';
import type { Token, TokenNew } from '../api/schema';
import { ago, when } from '../lib/format';
import { named, t } from '../lib/words';
import { Banner, Button, Card, Copy } from '../ui/basics';
import { ask, Dialog } from '../ui/dialog';
import { fields_of, text_of, type Field } from '../ui/fields';
import { Form } from '../ui/form';
import { Shown } from '../ui/page';
import { Table } from '../ui/table';

const kScopes = ['read', 'settings', 'queue', 'messages', 'policies', 'keys', 'users', 'system', 'metrics'] as const;

export function Tokens() {
  const tokens = useCall('listTokens');
  const adding = useSignal(false);
  const made = useSignal<TokenNew | null>(null);
  const remove = (one: Token) =>
    ask({
      title: t('token.remove'),
      what: t('token.remove.what', { label: one.label }),
      act: t('token.remove'),
      harm: true,
      run: async () => (await call('removeToken', { id: one.id }), await tokens.again()),
    });
  return (
    <Card title={t('token.title')} about={t('token.about')} flush actions={<Button onPress={() => (adding.value = true)}>{t('token.add')}</Button>}>
      <Shown of={tokens}>
        {(data) => (
          <Table
            caption={t('token.title')}
            rows={data.tokens}
            id={(one) => one.id}
            empty={t('token.none')}
            columns={[
              { name: t('field.label'), head: true, cell: (one) => one.label },
              { name: t('field.user'), cell: (one) => one.user },
              { name: t('token.scope'), cell: (one) => one.scope.map((scope) => named('scope', scope)).join(', ') },
              { name: t('token.expires'), cell: (one) => when(one.expires) },
              { name: t('device.used'), cell: (one) => (one.used ? ago(one.used) : '–') },
              { name: t('acts'), cell: (one) => <Button look="tiny" label={t('token.remove.label', { label: one.label })} onPress={() => remove(one)}>{t('token.remove')}</Button> },
            ]}
          />
        )}
      </Shown>
      {adding.value && (
        <Dialog title={t('token.add')} onClose={() => (adding.value = false)}>
          <Form
            fields={token_fields()}
            act={t('token.add')}
            submit={async (values) => {
              made.value = await call('addToken', {}, {
                label: text_of(values, 'label'),
                scope: kScopes.filter((scope) => values[scope] === true),
                days: Number(text_of(values, 'days')),
              });
              adding.value = false;
              await tokens.again();
            }}
            more={<Button onPress={() => (adding.value = false)}>{t('cancel')}</Button>}
          />
        </Dialog>
      )}
      {made.value && (
        <Dialog title={t('token.made')} onClose={() => (made.value = null)}>
          <Banner tone="warn">{t('token.once')}</Banner>
          <Copy text={made.value.token} what={t('token.made')} />
          <Button look="first" onPress={() => (made.value = null)}>{t('codes.kept')}</Button>
        </Dialog>
      )}
    </Card>
  );
}

function token_fields(): Field[] {
  const [label, days] = [fields_of('addToken', {}, ['label'])[0]!, fields_of('addToken', { days: { value: '90' } }, ['days'])[0]!];
  return [label, days, ...kScopes.map((scope): Field => ({ name: scope, label: named('scope', scope), kind: 'bool', value: scope === 'read' }))];
}
