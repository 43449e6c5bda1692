// Live figures, outcomes, log lines and the state of the settings: one stream of events for the whole page.
//
// The browser connects again by itself; what a page needs it asks for by `useEvent`.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { url_of } from './client';
import type { Figures, Job, LogLine, MessageEvent as MailEvent, StoreState } from './schema';

interface Events {
  figures: Figures;
  outcome: MailEvent;
  log: LogLine;
  job: Job;
  settings: StoreState;
}

type Hearer = (of: never) => void;
const hearers = new Map<keyof Events, Set<Hearer>>();
const kKinds: (keyof Events)[] = ['figures', 'outcome', 'log', 'job', 'settings'];
let source: EventSource | null = null;

export const connected = signal(true);
export const figures = signal<Figures | null>(null);
export const store = signal<StoreState | null>(null);

export function listen(): void {
  if (source) return;
  source = new EventSource(url_of('events'));
  source.onopen = () => (connected.value = true);
  source.onerror = () => (connected.value = false);
  for (const kind of kKinds) {
    source.addEventListener(kind, (event) => {
      const content = JSON.parse((event as globalThis.MessageEvent<string>).data) as never;
      if (kind === 'figures') figures.value = content;
      if (kind === 'settings') store.value = content;
      hearers.get(kind)?.forEach((hear) => hear(content));
    });
  }
}

export function hush(): void {
  source?.close();
  source = null;
  figures.value = null;
  store.value = null;
}

export function useEvent<K extends keyof Events>(kind: K, hear: (of: Events[K]) => void): void {
  const latest = useRef(hear);
  latest.current = hear;
  useEffect(() => {
    const mine: Hearer = (of) => latest.current(of);
    const all = hearers.get(kind) ?? new Set();
    hearers.set(kind, all.add(mine));
    return () => void all.delete(mine);
  }, [kind]);
}
