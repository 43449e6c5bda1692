// Light or dark, English or German.
import { dark, theme } from '../lib/theme';
import { language, speak, t } from '../lib/words';
import { Button } from './basics';
import { Icon } from './icons';

export function Switches() {
  return (
    <div class="row">
      <Button look="bare" label={t(dark() ? 'switch.light' : 'switch.dark')} onPress={() => (theme.value = dark() ? 'light' : 'dark')}>
        <Icon name={dark() ? 'sun' : 'moon'} />
      </Button>
      <Button look="bare" onPress={() => speak(language.value === 'en' ? 'de' : 'en')}>
        <span lang={language.value === 'en' ? 'de' : 'en'}>{t('switch.language')}</span>
      </Button>
    </div>
  );
}
