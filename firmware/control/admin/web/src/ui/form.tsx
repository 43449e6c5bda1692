// Every form of the page: one component fed with a list of fields.
//
// What always holds: the message about a field stands below that field and is tied to it for screen readers; the
// first field at fault takes the focus; what no field owns stands above the button; nothing typed is lost.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { ApiFault } from '../api/client';
import { tell } from '../lib/notice';
import { t } from '../lib/words';
import { Banner } from './basics';
import { check_field, type Field, type Value, type Values } from './fields';
import { FieldBox } from './field';

interface Props {
  fields: Field[];
  act: string;
  submit: (values: Values) => unknown;
  done?: string;
  look?: string;
  inline?: boolean;
  more?: ComponentChildren; // further buttons
  label?: string;
  live?: boolean; // submits by itself whenever a choice changes
}

export function Form({ fields, act, submit, done, look = 'first', inline, more, label, live }: Props) {
  const values = useSignal<Values>(Object.fromEntries(fields.map((one) => [one.name, one.value ?? empty_of(one)])));
  const faults = useSignal<Record<string, string>>({});
  const general = useSignal('');
  const busy = useSignal(false);
  const form = useRef<HTMLFormElement>(null);
  const id = useId();
  const shown = fields.filter((one) => !one.when || one.when(values.value));

  // Focus goes to what has to be put right once it has been drawn.
  useEffect(() => {
    const first = shown.find((one) => faults.value[one.name]);
    if (first) form.current?.querySelector<HTMLElement>(`[id="${id}-${first.name}"]`)?.focus();
  }, [faults.value]);

  const send = async (event?: Event) => {
    event?.preventDefault();
    if (busy.value) return;
    const found: Record<string, string> = {};
    for (const one of shown) {
      const wrong = check_field(one, values.value[one.name]);
      if (wrong) found[one.name] = wrong;
    }
    faults.value = found;
    general.value = '';
    if (Object.keys(found).length > 0) return;
    busy.value = true;
    try {
      await submit(Object.fromEntries(shown.map((one) => [one.name, values.value[one.name]!])));
      if (done) tell(done);
    } catch (fault) {
      ({ faults: faults.value, general: general.value } = sort_faults(fault, shown));
    } finally {
      busy.value = false;
    }
  };

  const change = (name: string, value: Value) => {
    values.value = { ...values.value, [name]: value };
    if (faults.value[name]) {
      const { [name]: _, ...others } = faults.value;
      faults.value = others;
    }
    if (live && fields.some((one) => one.name === name && one.kind === 'choice')) void send();
  };

  return (
    <form ref={form} class={inline ? 'inline' : 'fields'} onSubmit={send} noValidate aria-label={label ?? act}>
      {general.value && (
        <div role="alert">
          <Banner tone="bad">{general.value}</Banner>
        </div>
      )}
      {shown.map((one) => (
        <FieldBox key={one.name} short={inline} id={`${id}-${one.name}`} field={one} value={values.value[one.name]} fault={faults.value[one.name]} change={(value) => change(one.name, value)} />
      ))}
      <div class="row">
        <button type="submit" class={look} aria-busy={busy.value} aria-disabled={busy.value ? 'true' : undefined}>
          {busy.value ? t('busy') : act}
        </button>
        {more}
      </div>
    </form>
  );
}

function empty_of(field: Field): Value {
  if (field.kind === 'bool') return false;
  if (field.kind === 'choice') return field.choices?.[0]?.value ?? '';
  return '';
}

// Which field owns which message; the rest is said once, above.
function sort_faults(fault: unknown, fields: Field[]): { faults: Record<string, string>; general: string } {
  const faults: Record<string, string> = {};
  const rest: string[] = [];
  if (!(fault instanceof ApiFault)) return { faults, general: fault instanceof Error ? fault.message : String(fault) };
  for (const one of fault.faults) {
    const owner = fields.find((field) => field.name === one.name || field.name === one.name.split('.').pop());
    if (owner && !faults[owner.name]) faults[owner.name] = one.text;
    else rest.push(one.name ? `${one.name}: ${one.text}` : one.text);
  }
  if (fault.faults.length === 0) rest.push(fault.message);
  return { faults, general: rest.join('\n') };
}
