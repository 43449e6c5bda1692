// The one way to the box: calls by the names of the API's document, with its types.
//
// What always holds: an unsafe request carries the session's token in a header; a lost session shows the login; an
// answer that asks for a second proof of the person opens that dialog and then repeats the request once.
import { operations, type Fault, type Operations, type Problem, type Session } from './schema';
import { signal } from '@preact/signals';
import { t } from '../lib/words';

export type Name = keyof Operations;
type Given<N extends Name> = Operations[N]['given'];
type Body<N extends Name> = Operations[N]['body'];
export type Result<N extends Name> = Operations[N]['result'];

export class ApiFault extends Error {
  constructor(
    readonly status: number,
    readonly type: string,
    text: string,
    readonly faults: { name: string; text: string }[] = [],
    readonly retry_after = 0,
  ) {
    super(text);
  }
}

export const session = signal<Session | null>(null);
// Set while the person is asked to prove again who they are.
export const proof = signal<{ done: (given: boolean) => void } | null>(null);

const kPatience = 60_000;

export async function call<N extends Name>(name: N, given: Given<N> = {} as Given<N>, body?: Body<N>): Promise<Result<N>> {
  try {
    return await send(name, given, body);
  } catch (fault) {
    if (!(fault instanceof ApiFault)) throw fault;
    if (fault.type === 'not_logged_in' && session.value?.state === 'full') {
      session.value = { ...session.value, state: 'none' };
    }
    if (fault.type !== 'step_up' || !(await prove())) throw fault;
    return await send(name, given, body);
  }
}

function prove(): Promise<boolean> {
  return new Promise((resolve) => {
    proof.value = {
      done: (given) => {
        proof.value = null;
        resolve(given);
      },
    };
  });
}

export function url_of(name: Name, given: Record<string, unknown> = {}): string {
  const left = new URLSearchParams();
  let path = operations[name][1];
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === '') continue;
    if (path.includes(`{${key}}`)) path = path.replace(`{${key}}`, encodeURIComponent(String(value)));
    else left.set(key, String(value));
  }
  const asked = left.toString();
  return asked ? `${path}?${asked}` : path;
}

async function send<N extends Name>(name: N, given: Given<N>, body?: Body<N>): Promise<Result<N>> {
  const method = operations[name][0];
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET' && session.value?.csrf) headers['X-Postern-Token'] = session.value.csrf;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const asked: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store', signal: AbortSignal.timeout(kPatience) };
  if (body !== undefined) asked.body = JSON.stringify(body);
  let answer: Response;
  try {
    answer = await fetch(url_of(name, given), asked);
  } catch {
    throw new ApiFault(0, 'away', t('fault.away'));
  }
  const text = await answer.text();
  const content: unknown = text && answer.headers.get('Content-Type')?.includes('json') ? JSON.parse(text) : text;
  if (answer.ok) return content as Result<N>;
  throw fault_of(answer.status, content);
}

function fault_of(status: number, content: unknown): ApiFault {
  const problem = (typeof content === 'object' && content !== null ? content : {}) as Partial<Problem>;
  const faults = (problem.faults ?? []).map((one: Fault) => ({ name: one.field, text: one.text }));
  const text = [problem.title ?? t('fault.status', { status: String(status) }), problem.detail].filter(Boolean).join(': ');
  return new ApiFault(status, problem.type ?? '', text, faults, problem.retry_after);
}

// What roles and scopes allow is decided by the box; this only spares people buttons that would be refused.
export function may(...roles: NonNullable<Session['role']>[]): boolean {
  const role = session.value?.role;
  return role !== undefined && roles.includes(role);
}
export const operator = (): boolean => may('owner', 'operator');
export const owner = (): boolean => may('owner');
