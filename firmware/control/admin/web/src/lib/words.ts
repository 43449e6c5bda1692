// The language of the page: `t('queue.title')` looks a word up in the one catalogue.
//
// What always holds: a key that is not in the catalogue does not compile; a component that calls `t` is drawn
// again when the language changes; "one|many" picks by the value `n`.
import { signal } from '@preact/signals';
import { catalogue } from '../words/catalogue';

export type Word = keyof typeof catalogue;
export type Language = 'en' | 'de';

const kStore = 'postern.language';

function first(): Language {
  const kept = localStorage.getItem(kStore);
  if (kept === 'en' || kept === 'de') return kept;
  return navigator.language.startsWith('de') ? 'de' : 'en';
}

export const language = signal<Language>(first());

// What `Intl` is told: with 24 hours and the day before the month in both.
export const locale = (): string => (language.value === 'de' ? 'de-DE' : 'en-GB');

export function speak(to: Language): void {
  language.value = to;
  localStorage.setItem(kStore, to);
}

export type Parts = Record<string, string | number>;

export function t(word: Word, parts: Parts = {}): string {
  const forms = catalogue[word][language.value === 'de' ? 1 : 0].split('|');
  const form = forms.length > 1 && parts['n'] !== 1 ? forms[1] : forms[0];
  return form!.replace(/\{(\w+)\}/g, (_, name: string) => show(parts[name]));
}

// Words whose key is made from a value of the API; the value itself where the catalogue has none.
export function named(front: string, value: string): string {
  const key = `${front}.${value}`;
  return key in catalogue ? t(key as Word) : value;
}

function show(part: string | number | undefined): string {
  if (typeof part === 'number') return new Intl.NumberFormat(locale()).format(part);
  return part ?? '';
}
