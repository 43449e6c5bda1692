// Numbers, times and sizes as people read them, in the language of the page.
import { locale, t } from './words';

export function count(value: number | undefined, digits = 0): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}

export function percent(part: number, whole: number): string {
  if (whole === 0) return '–';
  return new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: 1 }).format(part / whole);
}

export function bytes(value: number | undefined): string {
  if (value === undefined) return '–';
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let at = 0;
  let left = value;
  while (left >= 1000 && at < units.length - 1) {
    left /= 1000;
    at += 1;
  }
  return `${count(left, left < 10 && at > 0 ? 1 : 0)} ${units[at]}`;
}

export function duration(seconds: number | undefined): string {
  if (seconds === undefined || seconds < 0) return '–';
  if (seconds < 60) return t('time.seconds', { n: Math.floor(seconds) });
  if (seconds < 3600) return t('time.minutes', { n: Math.floor(seconds / 60) });
  if (seconds < 172_800) return t('time.hours', { n: Math.floor(seconds / 3600) });
  return t('time.days', { n: Math.floor(seconds / 86_400) });
}

type Moment = string | number | undefined | null;

// Times come as RFC 3339 texts or as seconds since 1970.
export function date_of(moment: Moment): Date | null {
  if (moment === undefined || moment === null || moment === '' || moment === 0) return null;
  const made = new Date(typeof moment === 'number' ? moment * 1000 : moment);
  return Number.isNaN(made.getTime()) ? null : made;
}

export function when(moment: Moment, precise = false): string {
  const made = date_of(moment);
  if (!made) return '–';
  return new Intl.DateTimeFormat(locale(), {
    dateStyle: 'medium',
    timeStyle: precise ? 'medium' : 'short',
  }).format(made);
}

export function day(moment: Moment): string {
  const made = date_of(moment);
  return made ? new Intl.DateTimeFormat(locale(), { dateStyle: 'medium' }).format(made) : '–';
}

export function clock(moment: Moment): string {
  const made = date_of(moment);
  return made ? new Intl.DateTimeFormat(locale(), { timeStyle: 'medium' }).format(made) : '–';
}

export function seconds_until(moment: Moment): number {
  const made = date_of(moment);
  return made ? (made.getTime() - Date.now()) / 1000 : 0;
}

export function ago(moment: Moment): string {
  const made = date_of(moment);
  if (!made) return '–';
  const seconds = (Date.now() - made.getTime()) / 1000;
  return seconds >= 0 ? t('time.ago', { what: duration(seconds) }) : t('time.in', { what: duration(-seconds) });
}
