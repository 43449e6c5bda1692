// What is shown: the way in (first boot, login, second factor, enrolment), or the frame with a page.
import { useEffect } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { call, session } from './api/client';
import { hush, listen } from './api/stream';
import { language, t } from './lib/words';
import { ChangePassword } from './pages/account';
import { Enrol, Login, SecondFactor } from './pages/login';
import { box_is_new, Setup } from './pages/setup';
import { Banner, Busy, Button } from './ui/basics';
import { Asking } from './ui/dialog';
import { Lonely } from './ui/lonely';
import { Notices } from './ui/notices';
import { Shell } from './ui/shell';
import { Proof } from './ui/proof';

export function App() {
  const fault = useSignal('');
  const begin = async () => {
    try {
      session.value = await call('getSession');
      fault.value = '';
    } catch (wrong) {
      fault.value = wrong instanceof Error ? wrong.message : String(wrong);
    }
  };
  useEffect(() => void begin(), []);
  document.documentElement.lang = language.value;
  return (
    <>
      {fault.value ? (
        <Lonely title={t('app.away')}>
          <Banner tone="bad" actions={<Button onPress={begin}>{t('again')}</Button>}>
            {fault.value}
          </Banner>
        </Lonely>
      ) : (
        <Inside />
      )}
      <Asking />
      <Proof />
      <Notices />
    </>
  );
}

function Inside() {
  const now = session.value;
  const full = now?.state === 'full' && !now.must_change_password;
  useEffect(() => {
    if (full) listen();
    return hush;
  }, [full]);
  if (!now) return <Busy />;
  if (now.state === 'second_factor') return <SecondFactor />;
  if (now.state === 'enrol') return <Enrol />;
  if (now.state === 'setup' || (now.state === 'none' && now.setup_needed)) return <Setup />;
  if (now.state === 'none') return <Login />;
  if (now.must_change_password) return <ChangePassword forced />;
  if (box_is_new.value && now.role === 'owner') return <Setup />;
  return <Shell />;
}
