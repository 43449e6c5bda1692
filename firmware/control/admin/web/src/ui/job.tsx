// Long work: how far it is, and what came of it.
import { useSignal } from '@preact/signals';
import { call } from '../api/client';
import { follow } from '../api/load';
import type { Job } from '../api/schema';
import { named, t } from '../lib/words';
import { Banner, Button } from './basics';
import { Result } from './result';

// The state of one piece of work a page may start: `run` starts it and ends with it.
export function useJob() {
  const job = useSignal<Job | null>(null);
  return {
    job,
    run: async (start: () => Promise<Job>): Promise<Job> => {
      job.value = null;
      return follow(await start(), (seen) => (job.value = seen));
    },
  };
}

export function JobView({ job }: { job: Job | null }) {
  if (!job) return null;
  if (job.state === 'running' || job.state === 'waiting') {
    return (
      <div class="stack" role="status">
        <label>
          {job.step || named('job', job.state)}
          <progress max={1} value={job.progress > 0 ? job.progress : undefined} />
        </label>
        <div class="row">
          <Button look="tiny" onPress={() => call('cancelJob', { id: job.id })}>{t('job.cancel')}</Button>
        </div>
      </div>
    );
  }
  if (job.state === 'failed' || job.state === 'cancelled') return <div role="alert"><Banner tone="bad">{job.error || named('job', job.state)}</Banner></div>;
  return (
    <div class="stack">
      <p role="status" class="unseen">{t('job.done')}</p>
      {job.result && <Result of={job.result} />}
    </div>
  );
}
