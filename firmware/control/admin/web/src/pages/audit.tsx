// The audit log: who did what, from where, with what result; and whether its chain of hashes is whole.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { call, type Result } from '../api/client';
import type { AuditLine } from '../api/schema';
import { when } from '../lib/format';
import { go } from '../lib/route';
import { named, t } from '../lib/words';
import { Badge, Banner, Busy, Button, Card, save_file } from '../ui/basics';
import { text_of } from '../ui/fields';
import { Form } from '../ui/form';
import { Page } from '../ui/page';
import { Table } from '../ui/table';
import type { PageProps } from './all';

export function Audit({ query }: PageProps) {
  const text = query.get('text') ?? '';
  const user = query.get('user') ?? '';
  const checked = useSignal<Result<'verifyAudit'> | null>(null);
  return (
    <Page
      title={t('audit.title')}
      about={t('audit.about')}
      actions={<Button onPress={async () => void (checked.value = await call('verifyAudit'))}>{t('audit.verify')}</Button>}
    >
      {checked.value && (
        <div role="status">
          <Banner tone={checked.value.good ? 'ok' : 'bad'}>
            <p>{t(checked.value.good ? 'audit.whole' : 'audit.broken', { n: checked.value.lines, first: checked.value.first_wrong ?? 0 })}</p>
            {checked.value.head && <p class="small wrap">{t('audit.head')} <code>{checked.value.head}</code></p>}
          </Banner>
        </div>
      )}
      <Card>
        <Form
          inline
          key={`${text} ${user}`}
          label={t('search')}
          fields={[
            { name: 'text', label: t('audit.text'), kind: 'text', value: text, grow: true, longest: 128 },
            { name: 'user', label: t('field.user'), kind: 'text', value: user, longest: 64 },
          ]}
          act={t('search')}
          submit={(values) => go('audit', [], { text: text_of(values, 'text'), user: text_of(values, 'user') })}
        />
      </Card>
      <Lines key={`${text} ${user}`} text={text} user={user} />
    </Page>
  );
}

function Lines({ text, user }: { text: string; user: string }) {
  const rows = useSignal<AuditLine[]>([]);
  const page = useSignal<Result<'listAudit'> | null>(null);
  const fault = useSignal('');
  const more = async () => {
    const before = page.value?.next_before ?? undefined;
    try {
      page.value = await call('listAudit', { most: 100, ...(before !== undefined && { before }), ...(text && { text }), ...(user && { user }) });
      rows.value = [...rows.value, ...page.value.lines];
    } catch (wrong) {
      fault.value = wrong instanceof Error ? wrong.message : String(wrong);
    }
  };
  useEffect(() => void more(), []);
  if (fault.value) return <div role="alert"><Banner tone="bad">{fault.value}</Banner></div>;
  if (!page.value) return <Busy />;
  return (
    <Card flush title={t('audit.lines', { n: page.value.total })} actions={<Button look="tiny" onPress={() => save_file('postern-audit.json', JSON.stringify(rows.value, null, 1), 'application/json')}>{t('save.json')}</Button>}>
      <Table
        caption={t('audit.title')}
        rows={rows.value}
        id={(one) => String(one.number)}
        columns={[
          { name: '#', number: true, cell: (one) => String(one.number) },
          { name: t('time'), cell: (one) => <span class="nowrap">{when(one.time, true)}</span> },
          { name: t('audit.who'), head: true, cell: (one) => <>{one.user || '–'} <div class="quiet small">{named('source', one.via)} {one.source}</div></> },
          { name: t('audit.action'), cell: (one) => <>{one.action} <div class="quiet small">{one.subject}</div></> },
          { name: t('audit.change'), cell: Changed },
          { name: t('audit.result'), cell: (one) => <Badge tone={['ok', 'done', 'good'].includes(one.result) ? 'ok' : 'warn'}>{one.result}</Badge> },
        ]}
      />
      {page.value.next_before != null && <div class="empty"><Button onPress={more}>{t('more')}</Button></div>}
    </Card>
  );
}

function Changed(one: AuditLine) {
  return (
    <div class="diff small">
      {one.before && <del>{one.before}</del>}
      {one.after && <ins>{one.after}</ins>}
      {one.detail && <span class="wrap">{one.detail}</span>}
    </div>
  );
}
