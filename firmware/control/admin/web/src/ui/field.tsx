// One field: label, help, the control that fits its kind, and the message about it.
import { t } from '../lib/words';
import type { Field, Value } from './fields';

interface Props {
  id: string;
  field: Field;
  value: Value | undefined;
  fault?: string;
  change: (value: Value) => void;
}

export function FieldBox({ id, field, value, fault, change, short }: Props & { short?: boolean }) {
  return (
    <div class={field.grow ? 'field grow' : 'field'}>
      {field.kind === 'bool' ? (
        <label class="check" for={id}>
          <Control id={id} field={field} value={value} fault={fault} change={change} />
          {field.label}
        </label>
      ) : (
        <label for={id}>
          {field.label}
          {!field.required && field.kind !== 'choice' && !short && <span class="quiet small"> {t('optional')}</span>}
        </label>
      )}
      {field.help && (
        <p class="help" id={`${id}-help`}>
          {field.help}
        </p>
      )}
      {field.kind !== 'bool' && <Control id={id} field={field} value={value} fault={fault} change={change} />}
      <Fault id={id} text={fault} />
    </div>
  );
}

export function Fault({ id, text }: { id: string; text?: string }) {
  if (!text) return null;
  return (
    <p class="fault" id={`${id}-fault`}>
      {text}
    </p>
  );
}

export function Control({ id, field, value, fault, change }: Props) {
  const described = [field.help && `${id}-help`, fault && `${id}-fault`].filter(Boolean).join(' ') || undefined;
  const common = {
    id,
    name: field.name,
    'aria-describedby': described,
    'aria-invalid': fault ? ('true' as const) : undefined,
    'aria-required': field.required ? ('true' as const) : undefined,
  };
  const text = typeof value === 'string' ? value : '';
  const typed = (event: Event) => change((event.currentTarget as HTMLInputElement).value);
  switch (field.kind) {
    case 'bool':
      return <input {...common} type="checkbox" checked={value === true} onChange={(event) => change(event.currentTarget.checked)} />;
    case 'choice':
      return (
        <select {...common} value={text} onChange={typed}>
          {field.choices?.map((one) => (
            <option key={one.value} value={one.value} selected={one.value === text}>
              {one.label}
            </option>
          ))}
        </select>
      );
    case 'long':
      return <textarea {...common} class={field.mono ? 'mono' : undefined} rows={field.rows ?? 4} value={text} placeholder={field.placeholder} spellcheck={false} onInput={typed} />;
    case 'file':
      return <input {...common} type="file" onChange={(event) => event.currentTarget.files?.[0] && change(event.currentTarget.files[0])} />;
    default:
      return (
        <input
          {...common}
          class={field.mono ? 'mono' : undefined}
          type={(field.kind === 'password' || field.kind === 'date' ? field.kind : 'text') as 'text'}
          inputMode={field.kind === 'number' ? 'numeric' : undefined}
          autocomplete={field.autocomplete ?? 'off'}
          autocapitalize="none"
          spellcheck={false}
          placeholder={field.placeholder}
          value={text}
          onInput={typed}
        />
      );
  }
}
