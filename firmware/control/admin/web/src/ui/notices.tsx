// Short words about what just happened, in a corner and read aloud.
import { dismiss, notices } from '../lib/notice';
import { t } from '../lib/words';
import { Button } from './basics';
import { Icon } from './icons';

export function Notices() {
  return (
    <div class="notices" role="log" aria-label={t('notices')} aria-live="polite">
      {notices.value.map((one) => (
        <div key={one.id} class={`notice ${one.kind}`}>
          <p>{one.text}</p>
          <Button look="bare tiny" label={t('dismiss')} onPress={() => dismiss(one.id)}>
            <Icon name="close" />
          </Button>
        </div>
      ))}
    </div>
  );
}
