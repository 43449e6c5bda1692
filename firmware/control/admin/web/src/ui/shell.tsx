// The frame: side bar, head, what concerns every page, and the page.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { call, operator, session } from '../api/client';
import { figures, store } from '../api/stream';
import { place, link } from '../lib/route';
import { t } from '../lib/words';
import { kGroups, page_of, pages } from '../pages/all';
import { Badge, Button } from './basics';
import { FrameBanners } from './frame_banners';
import { Icon } from './icons';
import { Switches } from './switches';

export function Shell() {
  const open = useSignal(false);
  const side = useRef<HTMLElement>(null);
  useEffect(() => {
    void call('getSettingsState').then((state) => (store.value = state)).catch(() => undefined);
  }, []);
  const now = place.value;
  useEffect(() => void (open.value = false), [now.page]);
  const page = page_of(now.page);
  return (
    <>
      <button type="button" class="skip unseen" onClick={() => document.getElementById('page')?.focus()}>
        {t('skip')}
      </button>
      <div class="shell">
        <nav class={open.value ? 'side open' : 'side'} ref={side} aria-label={t('nav.title')} onKeyDown={(event) => event.key === 'Escape' && (open.value = false)}>
          <a class="brand" href={link('dashboard')}>
            <Icon name="gate" />
            Postern
          </a>
          {kGroups.map((group) => (
            <Group key={group} group={group} now={now.page} />
          ))}
        </nav>
        <div>
          <Head menu={() => (open.value = !open.value)} open={open.value} />
          <FrameBanners />
          <main class="body" id="page" tabIndex={-1}>
            <page.view key={now.page} rest={now.rest} query={now.query} />
          </main>
        </div>
      </div>
    </>
  );
}

function Group({ group, now }: { group: (typeof kGroups)[number]; now: string }) {
  const role = session.value?.role;
  const mine = pages.filter((page) => page.group === group && role !== undefined && page.roles.includes(role));
  if (mine.length === 0) return null;
  return (
    <>
      <h2 id={`nav-${group}`}>{t(`nav.${group}`)}</h2>
      <ul aria-labelledby={`nav-${group}`}>
        {mine.map((page) => (
          <li key={page.id}>
            <a href={link(page.id)} aria-current={page.id === now ? 'page' : undefined}>
              <Icon name={page.icon} />
              {t(page.title)}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

function Head({ menu, open }: { menu: () => void; open: boolean }) {
  const changes = store.value?.candidate_changes ?? 0;
  const state = figures.value?.dataplane;
  const leave = async () => {
    await call('logout');
    session.value = await call('getSession');
  };
  return (
    <header class="head">
      <button type="button" class="bare menu-button" aria-label={t('nav.title')} aria-expanded={open} onClick={menu}>
        <Icon name="menu" />
      </button>
      <div class="host">
        <span>{session.value?.host_name}</span>
        {state && <Badge tone={state === 'running' ? 'ok' : 'bad'}>{state === 'running' ? t('head.running') : state}</Badge>}
      </div>
      <div class="room" />
      {changes > 0 && operator() && (
        <a class="badge info" href={link('settings', ['review'])}>
          {t('head.changes', { n: changes })}
        </a>
      )}
      <Switches />
      <a class="button" href={link('account')}>
        <Icon name="person" />
        {session.value?.user}
      </a>
      <Button onPress={leave}>{t('logout')}</Button>
    </header>
  );
}
