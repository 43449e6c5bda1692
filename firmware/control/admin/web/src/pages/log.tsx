// The live log: lines as they come, filtered here; it can be stopped to read.
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { useCall } from '../api/load';
import type { LogLine } from '../api/schema';
import { useEvent } from '../api/stream';
import { clock } from '../lib/format';
import { t, named } from '../lib/words';
import { Badge, Button, Card, Empty, save_file, type Tone } from '../ui/basics';
import { Control } from '../ui/field';
import { Page, Shown } from '../ui/page';

const kMost = 2000;
const kLevels = ['error', 'warning', 'notice', 'info', 'debug'];
const kTones: Record<string, Tone> = { error: 'bad', warning: 'warn' };

export function Log() {
  const first = useCall('getLog', { most: 500 });
  const lines = useSignal<LogLine[]>([]);
  const stopped = useSignal(false);
  const text = useSignal('');
  const level = useSignal('debug');
  const box = useRef<HTMLDivElement>(null);
  const follow = useRef(true);
  useEffect(() => {
    if (first.data && lines.value.length === 0) lines.value = first.data.lines;
  }, [first.data]);
  useEvent('log', (line) => {
    if (stopped.value || lines.value.some((one) => one.number === line.number)) return;
    lines.value = [...lines.value.slice(1 - kMost), line];
  });
  useEffect(() => {
    if (follow.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  });
  const most = kLevels.indexOf(level.value);
  const shown = lines.value.filter((one) => kLevels.indexOf(one.level) <= most && `${one.area} ${one.text}`.toLowerCase().includes(text.value.toLowerCase()));
  return (
    <Page
      title={t('log.title')}
      about={t('log.about')}
      actions={
        <>
          <Button pressed={stopped.value} onPress={() => (stopped.value = !stopped.value)}>{t(stopped.value ? 'log.go' : 'log.stop')}</Button>
          <Button onPress={() => save_file('postern-log.txt', shown.map((one) => `${one.time} ${one.level} ${one.area} ${one.text}\n`).join(''))}>{t('save.file')}</Button>
        </>
      }
    >
      <Card>
        <div class="stack">
          <form class="inline" onSubmit={(event) => event.preventDefault()} aria-label={t('log.filter')}>
            <div class="field grow">
              <label for="log-text">{t('log.filter')}</label>
              <Control id="log-text" field={{ name: 'text', label: '', kind: 'text' }} value={text.value} change={(to) => (text.value = String(to))} />
            </div>
            <div class="field">
              <label for="log-level">{t('log.level')}</label>
              <Control id="log-level" field={{ name: 'level', label: '', kind: 'choice', choices: kLevels.map((value) => ({ value, label: named('level', value) })) }} value={level.value} change={(to) => (level.value = String(to))} />
            </div>
          </form>
          <Shown of={first}>
            {() => (
              <div
                class="log"
                ref={box}
                tabIndex={0}
                role="region"
                aria-label={t('log.title')}
                onScroll={(event) => {
                  const at = event.currentTarget;
                  follow.current = at.scrollHeight - at.scrollTop - at.clientHeight < 40;
                }}
              >
                {shown.length === 0 ? <Empty>{t('log.none')}</Empty> : (
                  <ul>
                    {shown.map((one) => (
                      <li key={one.number}>
                        <time>{clock(one.time)}</time>
                        <Badge tone={kTones[one.level] ?? 'plain'}>{named('level', one.level)}</Badge>
                        <span><strong>{one.area}</strong> {one.text}</span>
                      </li>
                    ))}
                  </ul>
                )}
              </div>
            )}
          </Shown>
        </div>
      </Card>
    </Page>
  );
}
