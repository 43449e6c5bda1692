// What the candidate would change, what is wrong with it, and the commit: for good, or on trial until confirmed.
import { useEffect } from 'preact/hooks';
import { call, operator } from '../api/client';
import { useCall } from '../api/load';
import type { Checked } from '../api/schema';
import { store } from '../api/stream';
import { go, link } from '../lib/route';
import { tell } from '../lib/notice';
import { t } from '../lib/words';
import { Banner, Button, Card } from '../ui/basics';
import { ask } from '../ui/dialog';
import { Diff } from '../ui/diff';
import { text_of } from '../ui/fields';
import { Form } from '../ui/form';
import { look_at_store } from '../ui/frame_banners';
import { Page, Shown } from '../ui/page';

export function Review() {
  const changes = useCall('compareSettings');
  const checked = useCall('checkSettings');
  const n = store.value?.candidate_changes ?? 0;
  useEffect(() => {
    void changes.again();
    void checked.again();
  }, [n]);
  const discard = () =>
    ask({
      title: t('review.discard'),
      what: t('review.discard.what', { n: changes.data?.changes.length ?? 0 }),
      act: t('review.discard'),
      harm: true,
      run: async () => {
        await call('discardCandidate');
        await look_at_store();
        go('settings');
      },
    });
  const any = (changes.data?.changes.length ?? 0) > 0;
  return (
    <Page
      title={t('review.title')}
      about={<a href={link('settings')}>{t('review.back')}</a>}
      actions={
        operator() && (
          <>
            <Lock />
            {any && <Button look="harm" onPress={discard}>{t('review.discard')}</Button>}
          </>
        )
      }
    >
      <div class="cols-2">
        <Card title={t('review.changes')} about={t('review.changes.about')}>
          <Shown of={changes}>{(data) => <Diff of={data.changes} />}</Shown>
        </Card>
        <div class="stack">
          <Card title={t('review.check')}>
            <Shown of={checked}>{(data) => <Judged of={data} />}</Shown>
          </Card>
          {operator() && any && <Commit checked={checked.data} />}
        </div>
      </div>
    </Page>
  );
}

// Exclusive use of the settings, for work that must not be mixed with others'.
function Lock() {
  const set = async (on: boolean) => {
    await call('lockSettings', {}, { on });
    await look_at_store();
  };
  if (store.value?.locked_by) return <Button onPress={() => set(false)}>{t('settings.unlock')}</Button>;
  return <Button onPress={() => ask({ title: t('settings.lock'), what: t('settings.lock.what'), act: t('settings.lock'), run: () => set(true) })}>{t('settings.lock')}</Button>;
}

function Judged({ of }: { of: Checked }) {
  return (
    <div class="stack">
      {of.faults.length === 0 ? (
        <Banner tone="ok">{t('review.good')}</Banner>
      ) : (
        <Banner tone="bad">
          <p class="strong">{t('review.faults', { n: of.faults.length })}</p>
          <ul>
            {of.faults.map((one) => (
              <li key={one.field + one.text}>
                <a href={link('settings', [], { find: one.field })}>{one.field}</a>: {one.text}
              </li>
            ))}
          </ul>
        </Banner>
      )}
      {of.warnings.map((text) => <Banner key={text} tone="warn">{text}</Banner>)}
      {of.restart.length > 0 && <Banner tone="warn">{t('review.restart', { names: of.restart.join(', ') })}</Banner>}
    </div>
  );
}

function Commit({ checked }: { checked: Checked | null }) {
  return (
    <Card title={t('commit.title')} about={t('commit.about')}>
      <Form
        fields={[
          { name: 'comment', label: t('field.comment'), kind: 'text', longest: 500, help: t('commit.comment.help') },
          {
            name: 'confirm_minutes',
            label: t('commit.how'),
            kind: 'choice',
            value: '10',
            choices: [
              { value: '10', label: t('commit.trial', { n: 10 }) },
              { value: '2', label: t('commit.trial', { n: 2 }) },
              { value: '60', label: t('commit.trial', { n: 60 }) },
              { value: '0', label: t('commit.now') },
            ],
          },
        ]}
        act={t('commit.act')}
        submit={async (values) => {
          if (checked && checked.faults.length > 0) throw new Error(t('review.faults', { n: checked.faults.length }));
          const comment = text_of(values, 'comment');
          const minutes = Number(text_of(values, 'confirm_minutes'));
          const made = await call('commitSettings', {}, { ...(comment && { comment }), ...(minutes > 0 && { confirm_minutes: minutes }) });
          tell(t('commit.done', { n: made.generation }));
          if ((made.waiting_for_restart ?? []).length > 0) tell(t('review.restart', { names: made.waiting_for_restart!.join(', ') }), 'info');
          await look_at_store();
          go('history');
        }}
      />
    </Card>
  );
}
