// The settings editor, made out of the box's own schema: groups, a search, one row per setting.
//
// Every change goes into the person's candidate at once; nothing is in force before the review page commits it.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { call } from '../api/client';
import { useCall } from '../api/load';
import type { Setting } from '../api/schema';
import { store } from '../api/stream';
import { help_of } from '../lib/help';
import { go, link } from '../lib/route';
import { named, t } from '../lib/words';
import { Banner, Card, Tabs } from '../ui/basics';
import { text_of } from '../ui/fields';
import { Form } from '../ui/form';
import { Page, Shown } from '../ui/page';
import { SettingRow } from '../ui/setting_row';
import type { PageProps } from './all';
import { Review } from './review';

export function Settings({ rest, query }: PageProps) {
  if (rest[0] === 'review') return <Review />;
  return <Editor group={rest[0] ?? ''} find={query.get('find') ?? ''} />;
}

export const group_of = (one: Setting): string => one.group || one.name.split('.')[0]!;

// Rows whose name holds "<port>" stand once for every port of this box.
function spread(rows: Setting[], ports: string[]): Setting[] {
  return rows.flatMap((row) => (row.name.includes('<port>') ? ports.map((port) => ({ ...row, name: row.name.replace('<port>', port) })) : [row]));
}

function ports_in(values: Record<string, string>, more: string[]): string[] {
  const found = Object.keys(values).map((name) => /^interface\.([^.]+)\./.exec(name)?.[1]);
  return [...new Set([...more, ...found.filter((one): one is string => one !== undefined && one !== '<port>')])];
}

function Editor({ group, find }: { group: string; find: string }) {
  const schema = useCall('getSettingsSchema');
  const running = useCall('getSettings', { of: 'running' });
  const candidate = useCall('getSettings', { of: 'candidate' });
  const setup = useCall('getSetup');
  const changes = store.value?.candidate_changes ?? 0;
  useEffect(() => void candidate.again(), [changes]);
  return (
    <Page
      title={t('settings.title')}
      about={t('settings.about')}
      actions={<a class="button" href={link('settings', ['review'])}>{t('settings.review', { n: changes })}</a>}
    >
      {store.value?.locked_by && <Banner tone="warn">{t('settings.locked', { who: store.value.locked_by })}</Banner>}
      <Shown of={schema}>
        {(data) => (
          <Shown of={running}>
            {(now) => (
              <Groups
                rows={spread(data.settings, ports_in({ ...now.values, ...candidate.data?.values }, setup.data?.ports ?? []))}
                running={now.values}
                candidate={candidate.data?.values ?? now.values}
                group={group}
                find={find}
                saved={async () => {
                  store.value = await call('getSettingsState');
                  await candidate.again();
                }}
              />
            )}
          </Shown>
        )}
      </Shown>
    </Page>
  );
}

interface GroupsProps {
  rows: Setting[];
  running: Record<string, string>;
  candidate: Record<string, string>;
  group: string;
  find: string;
  saved: () => Promise<void>;
}

function Groups({ rows, running, candidate, group, find, saved }: GroupsProps) {
  const groups = useMemo(() => [...new Set(rows.map(group_of))], [rows]);
  const now = find ? '' : group || groups[0] || '';
  const words = find.toLowerCase().split(/\s+/);
  const shown = rows.filter((row) => (find ? words.every((word) => `${row.name} ${help_of(row.name, row.help)} ${title_of(row.name)}`.toLowerCase().includes(word)) : group_of(row) === now));
  const only_changed = useSignal(false);
  const changed = (row: Setting) => (running[row.name] ?? '') !== '';
  const listed = only_changed.value ? shown.filter(changed) : shown;
  return (
    <>
      <Card>
        <Form
          inline
          key={find}
          label={t('settings.find')}
          fields={[{ name: 'find', label: t('settings.find'), kind: 'text', value: find, grow: true, longest: 100, placeholder: t('settings.find.example') }]}
          act={t('search')}
          submit={(values) => go('settings', [], { find: text_of(values, 'find') })}
        />
      </Card>
      <div>
        <Tabs now={now} tabs={groups.map((id) => ({ id, name: named('group', id), href: link('settings', [id]) }))} />
        <Card title={find ? t('settings.found', { n: shown.length }) : named('group', now)}
          actions={<label class="check"><input type="checkbox" checked={only_changed.value} onChange={(event) => (only_changed.value = event.currentTarget.checked)} />{t('settings.only_set')}</label>}>
          {listed.length === 0 ? (
            <p class="quiet">{t('settings.none')}</p>
          ) : (
            <div class="settings">
              {listed.map((row) => (
                <SettingRow key={row.name} row={row} running={running[row.name]} candidate={candidate[row.name]} saved={saved} />
              ))}
            </div>
          )}
        </Card>
      </div>
    </>
  );
}

// "outbound.command_timeout" -> "Command timeout"
export function title_of(name: string): string {
  const parts = name.split('.');
  const words = parts.slice(parts.length > 1 ? 1 : 0).join(' ').replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
