// One setting: what it means, its value in the candidate, what it was, and the message about it.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiFault, call, may } from '../api/client';
import type { Edited, Setting } from '../api/schema';
import { help_of } from '../lib/help';
import { t } from '../lib/words';
import { title_of } from '../pages/settings';
import { Badge, Button } from './basics';
import { Control, Fault } from './field';
import type { Field, Value } from './fields';

interface Props {
  row: Setting;
  running: string | undefined;
  candidate: string | undefined;
  saved: () => Promise<void>;
}

export function SettingRow({ row, running, candidate, saved }: Props) {
  const draft = useSignal<string>(candidate ?? row.default);
  const fault = useSignal('');
  const id = `setting-${row.name}`;
  useEffect(() => void (draft.value = candidate ?? row.default), [candidate]);
  const changed = (candidate ?? row.default) !== (running ?? row.default);
  const allowed = may('owner') || (may('operator') && row.who !== 'owner');

  const keep = async (work: () => Promise<Edited>) => {
    try {
      const made = await work();
      fault.value = (made.faults ?? []).filter((one) => one.field === row.name || one.field === 'value').map((one) => one.text).join(' ');
      await saved();
    } catch (wrong) {
      fault.value = wrong instanceof ApiFault ? wrong.faults.map((one) => one.text).join(' ') || wrong.message : String(wrong);
    }
  };
  const set = (value: string) => keep(() => call('setSetting', { name: row.name }, { value: row.list ? value.split('\n').map((one) => one.trim()).filter(Boolean) : value }));
  const change = (value: Value) => {
    draft.value = String(value);
    if (row.type === 'boolean' || row.choices?.length) void set(draft.value);
  };
  return (
    <div class="field">
      <div class="about">
        <label for={id}>{title_of(row.name)}</label>
        <p class="setting-name">{row.name}</p>
        <p class="help" id={`${id}-help`}>{help_of(row.name, row.help)}</p>
      </div>
      <div class="stack setting-value" onFocusOut={() => draft.value !== (candidate ?? row.default) && !fault.value && void set(draft.value)}>
        <Control id={id} field={field_of(row)} value={draft.value} fault={fault.value} change={(value) => ((fault.value = ''), allowed && change(value))} />
        <Fault id={id} text={fault.value} />
        <div class="row small quiet">
          {changed && <Badge tone="info">{t('settings.changed')}</Badge>}
          {row.takes === 'restart' && <Badge tone={changed ? 'warn' : 'plain'}>{t('settings.restart')}</Badge>}
          {!allowed && <Badge>{t('settings.owner_only')}</Badge>}
          <span class="wrap">{[row.what_fits, row.default !== '' && t('settings.default', { value: row.default })].filter(Boolean).join(' · ')}</span>
          {changed && allowed && <Button look="tiny" onPress={() => keep(() => (running === undefined ? call('deleteSetting', { name: row.name }) : call('setSetting', { name: row.name }, { value: running })))}>{t('settings.undo')}</Button>}
          {candidate !== undefined && candidate !== row.default && allowed && <Button look="tiny" onPress={() => keep(() => call('deleteSetting', { name: row.name }))}>{t('settings.to_default')}</Button>}
        </div>
      </div>
    </div>
  );
}

function field_of(row: Setting): Field {
  const common = { name: row.name, label: title_of(row.name), help: row.help };
  if (row.type === 'boolean' && !row.list) return { ...common, kind: 'choice', choices: ['true', 'false'].map((value) => ({ value, label: t(value === 'true' ? 'yes' : 'no') })) };
  if (row.choices?.length && !row.list) return { ...common, kind: 'choice', choices: row.choices.map((value) => ({ value, label: value })) };
  if (row.list) return { ...common, kind: 'long', rows: 3, mono: true, placeholder: t('settings.lines') };
  return { ...common, kind: 'text', mono: row.type !== 'text' };
}
