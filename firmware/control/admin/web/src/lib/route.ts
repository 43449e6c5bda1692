// Where the person is: the part of the address behind `#`, as a path and its questions.
//
// The server never sees it, so one file serves every page and a link to a message or a filter can be kept.
import { signal } from '@preact/signals';

export interface Place {
  page: string;
  rest: string[];
  query: URLSearchParams;
}

function read(): Place {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?');
  const [page = '', ...rest] = path.split('/').map(decodeURIComponent);
  return { page: page || 'dashboard', rest, query: new URLSearchParams(query) };
}

export const place = signal<Place>(read());

// Counts real moves between pages (not changes of a filter): the heading takes the focus then.
export const moves = signal(0);

addEventListener('hashchange', () => {
  const before = place.value;
  const after = read();
  place.value = after;
  if (before.page !== after.page || before.rest.join('/') !== after.rest.join('/')) moves.value += 1;
});

export function link(page: string, rest: string[] = [], query: Record<string, string> = {}): string {
  const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== '')).toString();
  return '#/' + [page, ...rest].map(encodeURIComponent).join('/') + (asked ? `?${asked}` : '');
}

export function go(page: string, rest: string[] = [], query: Record<string, string> = {}): void {
  location.hash = link(page, rest, query);
}
