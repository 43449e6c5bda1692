// Dialogs: the browser's own modal, which keeps the focus inside and gives it back at the end.
//
// `ask` is how every act that harms is announced: what it will do stands there before it can be done.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../lib/words';
import { Button } from './basics';

interface Props {
  title: string;
  wide?: boolean;
  onClose: () => void;
  children: ComponentChildren;
}

export function Dialog({ title, wide, onClose, children }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const label = useId();
  useEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={box}
      class={wide ? 'wide' : undefined}
      aria-labelledby={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div>
        <h2 id={label}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

interface Question {
  title: string;
  what: ComponentChildren;
  act: string;
  harm?: boolean;
  run: () => unknown;
}

const asked = signal<Question | null>(null);

export function ask(question: Question): void {
  asked.value = question;
}

export function Asking() {
  const question = asked.value;
  if (!question) return null;
  const close = () => (asked.value = null);
  return (
    <Dialog title={question.title} onClose={close}>
      <div class="stack">{question.what}</div>
      <div class="row end">
        <Button onPress={close}>{t('cancel')}</Button>
        <Button
          look={question.harm ? 'harm first' : 'first'}
          onPress={async () => {
            await question.run();
            if (asked.value === question) close();
          }}
        >
          {question.act}
        </Button>
      </div>
    </Dialog>
  );
}
