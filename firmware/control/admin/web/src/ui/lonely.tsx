// The narrow page of those who are not inside yet.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { session } from '../api/client';
import { t } from '../lib/words';
import { Icon } from './icons';
import { Switches } from './switches';

export function Lonely({ title, wide, children }: { title: string; wide?: boolean; children: ComponentChildren }) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – Postern`;
    head.current?.focus();
  }, [title]);
  return (
    <main class="lonely">
      <div class="brand">
        <Icon name="gate" />
        Postern
      </div>
      <div class={wide ? 'card wide stack' : 'card stack'}>
        <h1 ref={head} tabIndex={-1}>
          {title}
        </h1>
        {children}
      </div>
      <p class="quiet small">{session.value && t('app.where', { host: session.value.host_name, version: session.value.version })}</p>
      <Switches />
    </main>
  );
}
