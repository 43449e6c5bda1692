// Short words about what just happened, read aloud by screen readers and gone after a while.
import { signal } from '@preact/signals';

export interface Notice {
  id: number;
  kind: 'ok' | 'bad' | 'info';
  text: string;
}

const kStays = 8000;
let next = 1;

export const notices = signal<Notice[]>([]);

export function dismiss(id: number): void {
  notices.value = notices.value.filter((one) => one.id !== id);
}

export function tell(text: string, kind: Notice['kind'] = 'ok'): void {
  const id = next++;
  notices.value = [...notices.value.slice(-3), { id, kind, text }];
  // A fault stays until it was read.
  if (kind !== 'bad') setTimeout(() => dismiss(id), kStays);
}
