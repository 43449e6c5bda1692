// Asking the box for what a page shows, again when what was asked for changes, and jobs followed to their end.
import { useSignal } from '@preact/signals';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { ApiFault, call, type Name, type Result } from './client';
import type { Job, Operations } from './schema';

export interface Loaded<T> {
  data: T | null;
  fault: string;
  missing: boolean; // this box cannot do it
  loading: boolean;
  again: () => Promise<void>;
}

export function useCall<N extends Name>(name: N, given: Operations[N]['given'] = {} as Operations[N]['given'], every = 0): Loaded<Result<N>> {
  const data = useSignal<Result<N> | null>(null);
  const fault = useSignal('');
  const missing = useSignal(false);
  const loading = useSignal(true);
  const turn = useRef(0);
  const key = JSON.stringify([name, given]);
  const again = useCallback(async () => {
    const mine = ++turn.current;
    loading.value = true;
    try {
      const got = await call(name, given);
      if (mine !== turn.current) return; // a later question was asked meanwhile
      data.value = got;
      fault.value = '';
      missing.value = false;
    } catch (wrong) {
      if (mine !== turn.current) return;
      missing.value = wrong instanceof ApiFault && wrong.type === 'not_available';
      fault.value = wrong instanceof Error ? wrong.message : String(wrong);
    }
    loading.value = false;
  }, [key]);
  useEffect(() => {
    void again();
    const timer = every > 0 ? setInterval(() => void again(), every) : 0;
    return () => {
      turn.current += 1;
      clearInterval(timer);
    };
  }, [key]);
  return { data: data.value, fault: fault.value, missing: missing.value, loading: loading.value, again };
}

const kLook = 700;

// Follows a job until it ended; `seen` hears of every step.
export async function follow(job: Job, seen: (job: Job) => void): Promise<Job> {
  let now = job;
  seen(now);
  while (now.state === 'waiting' || now.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, kLook));
    now = await call('getJob', { id: job.id });
    seen(now);
  }
  return now;
}
