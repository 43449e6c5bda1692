// The plain parts: cards, tiles, badges, banners, lists of facts, copying.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { tell } from '../lib/notice';
import { t } from '../lib/words';
import { Icon } from './icons';

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'plain';

interface Within {
  children?: ComponentChildren;
}

export function Card(props: Within & { title?: string; about?: ComponentChildren; actions?: ComponentChildren; flush?: boolean }) {
  return (
    <section class={props.flush ? 'card flush' : 'card'}>
      {props.title && (
        <header>
          <h2>{props.title}</h2>
          {props.actions && <div class="row">{props.actions}</div>}
          {props.about && <p>{props.about}</p>}
        </header>
      )}
      {props.children}
    </section>
  );
}

export function Tile(props: { name: string; figure: ComponentChildren; more?: ComponentChildren }) {
  return (
    <section class="card tile">
      <h2 class="name">{props.name}</h2>
      <div class="figure">{props.figure}</div>
      {props.more && <div class="more">{props.more}</div>}
    </section>
  );
}

export function Badge({ tone = 'plain', children }: Within & { tone?: Tone }) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

export function Banner({ tone = 'info', actions, children }: Within & { tone?: Tone; actions?: ComponentChildren }) {
  return (
    <div class={`banner ${tone}`}>
      <div>{children}</div>
      {actions && <div class="row">{actions}</div>}
    </div>
  );
}

export function Facts({ of }: { of: [string, ComponentChildren][] }) {
  return (
    <dl class="facts">
      {of.map(([name, value]) => [<dt key={name}>{name}</dt>, <dd key={`${name}=`}>{value ?? '–'}</dd>])}
    </dl>
  );
}

export function Empty({ children }: Within) {
  return <p class="empty">{children}</p>;
}

export function Busy({ what }: { what?: string }) {
  return (
    <div class="busy" role="status">
      {what ?? t('busy')}
    </div>
  );
}

interface ButtonProps extends Within {
  onPress: () => unknown;
  look?: string;
  label?: string;
  disabled?: boolean;
  pressed?: boolean;
}

// What is read aloud always holds what is written on the button (WCAG 2.5.3).
function spoken({ label, children }: ButtonProps): string | undefined {
  return label && typeof children === 'string' && !label.includes(children) ? `${children}: ${label}` : label;
}

// A button that shows that it is at work until what it started has ended.
export function Button(props: ButtonProps) {
  const busy = useSignal(false);
  const press = async () => {
    if (busy.value || props.disabled) return;
    busy.value = true;
    try {
      await props.onPress();
    } catch (fault) {
      tell(fault instanceof Error ? fault.message : String(fault), 'bad');
    } finally {
      busy.value = false;
    }
  };
  return (
    <button
      type="button"
      class={props.look}
      aria-label={spoken(props)}
      title={props.label}
      aria-disabled={busy.value || props.disabled ? 'true' : undefined}
      aria-busy={busy.value ? 'true' : undefined}
      aria-pressed={props.pressed}
      onClick={press}
    >
      {props.children}
    </button>
  );
}

export async function copy_text(text: string): Promise<void> {
  await navigator.clipboard.writeText(text);
  tell(t('copied'), 'info');
}

export function Copy({ text, what }: { text: string; what: string }) {
  return (
    <div class="copy">
      <code>{text}</code>
      <Button look="bare tiny" label={t('copy.what', { what })} onPress={() => copy_text(text)}>
        <Icon name="copy" />
      </Button>
    </div>
  );
}

export function Share({ parts, label }: { parts: { name: string; value: number; series: number }[]; label: string }) {
  const whole = parts.reduce((sum, part) => sum + part.value, 0);
  return (
    <div class="bar" role="img" aria-label={label}>
      {parts.map((part) => part.value > 0 && <span key={part.name} class={`s${part.series}`} style={{ width: `${(100 * part.value) / whole}%` }} />)}
    </div>
  );
}

export function Tabs({ tabs, now }: { tabs: { id: string; name: string; href: string }[]; now: string }) {
  return (
    <nav class="tabs" aria-label={t('tabs')}>
      {tabs.map((tab) => (
        <a key={tab.id} href={tab.href} aria-current={tab.id === now ? 'page' : undefined}>
          {tab.name}
        </a>
      ))}
    </nav>
  );
}

export function save_file(name: string, content: Blob | string, type = 'text/plain'): void {
  const blob = typeof content === 'string' ? new Blob([content], { type }) : content;
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
