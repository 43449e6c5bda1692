// Light or dark: the machine's wish, unless the person chose.
import { effect, signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';

const kStore = 'postern.theme';
const machine = matchMedia('(prefers-color-scheme: dark)');
const machine_dark = signal(machine.matches);
machine.addEventListener('change', () => (machine_dark.value = machine.matches));

const kept = localStorage.getItem(kStore);
export const theme = signal<Theme>(kept === 'light' || kept === 'dark' ? kept : 'auto');

export function dark(): boolean {
  return theme.value === 'auto' ? machine_dark.value : theme.value === 'dark';
}

effect(() => {
  const root = document.documentElement;
  root.dataset['theme'] = dark() ? 'dark' : 'light';
  localStorage.setItem(kStore, theme.value);
});
