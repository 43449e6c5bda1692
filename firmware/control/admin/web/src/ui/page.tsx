// The head of a page, and what stands in its place while it loads or cannot be had.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Loaded } from '../api/load';
import { moves } from '../lib/route';
import { t } from '../lib/words';
import { Banner, Busy, Button } from './basics';

interface Props {
  title: string;
  about?: ComponentChildren;
  actions?: ComponentChildren;
  children: ComponentChildren;
}

export function Page({ title, about, actions, children }: Props) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => void (document.title = `${title} – Postern`), [title]);
  // After a move between pages the heading is where reading goes on; at the first page the browser decides.
  useEffect(() => {
    if (moves.value > 0) head.current?.focus();
  }, [moves.value]);
  return (
    <>
      <div class="page-head">
        <div>
          <h1 ref={head} tabIndex={-1}>
            {title}
          </h1>
          {about && <p>{about}</p>}
        </div>
        {actions && <div class="row">{actions}</div>}
      </div>
      <div class="stack">{children}</div>
    </>
  );
}

export function Shown<T>({ of, children }: { of: Loaded<T>; children: (data: T) => ComponentChildren }) {
  if (of.missing) return <Banner>{t('missing', { why: of.fault })}</Banner>;
  if (of.data === null && of.loading) return <Busy />;
  return (
    <>
      {of.fault && (
        <div role="alert">
          <Banner tone="bad" actions={<Button onPress={of.again}>{t('again')}</Button>}>
            {of.fault}
          </Banner>
        </div>
      )}
      {of.data !== null && children(of.data)}
    </>
  );
}
