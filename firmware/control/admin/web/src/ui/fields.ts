// What a form is made of, and the checks that need no server.
import { forms, type FormName } from '../api/schema';
import { count } from '../lib/format';
import { named, t } from '../lib/words';

export type Value = string | boolean | File;
export type Values = Record<string, Value>;

export interface Field {
  name: string;
  label: string;
  help?: string;
  kind: 'text' | 'password' | 'number' | 'bool' | 'choice' | 'long' | 'file' | 'date';
  required?: boolean;
  choices?: { value: string; label: string }[];
  least?: number;
  most?: number;
  shortest?: number;
  longest?: number;
  value?: Value;
  autocomplete?: string;
  placeholder?: string;
  grow?: boolean;
  mono?: boolean;
  rows?: number;
  when?: (values: Values) => boolean;
}

// How the API describes one property of what it takes.
export interface Described {
  name: string;
  type: string;
  required?: boolean;
  choices?: readonly string[];
  least?: number;
  most?: number;
  shortest?: number;
  longest?: number;
}

const kKinds: Record<string, Field['kind']> = { boolean: 'bool', integer: 'number', number: 'number', array: 'long' };

// The fields of a request, out of the API's own description; `more` adds or overrules.
export function fields_of(form: FormName, more: Record<string, Partial<Field>> = {}, only?: string[]): Field[] {
  const rows = forms[form] as readonly Described[];
  const wanted = only ? only.map((name) => rows.find((one) => one.name === name)!) : rows;
  return wanted.map((one) => ({
    name: one.name,
    label: named('field', one.name),
    kind: one.choices ? 'choice' : (kKinds[one.type] ?? 'text'),
    required: one.required,
    choices: one.choices?.map((value) => ({ value, label: named('choice', value) })),
    least: one.least,
    most: one.most,
    shortest: one.shortest,
    longest: one.longest,
    ...more[one.name],
  }));
}

// What is wrong with a value; empty: nothing that can be seen from here.
export function check_field(field: Field, value: Value | undefined): string {
  if (value === undefined || value === '') return field.required ? t('fault.required') : '';
  if (typeof value !== 'string') return '';
  if (field.kind === 'number') {
    const number = Number(value);
    if (!Number.isFinite(number)) return t('fault.number');
    if (field.least !== undefined && number < field.least) return t('fault.least', { least: count(field.least) });
    if (field.most !== undefined && number > field.most) return t('fault.most', { most: count(field.most) });
  } else if (field.shortest !== undefined && value.length < field.shortest) {
    return t('fault.short', { n: field.shortest });
  } else if (field.longest !== undefined && value.length > field.longest) {
    return t('fault.long', { n: field.longest });
  }
  return '';
}

export const text_of = (values: Values, name: string): string => String(values[name] ?? '').trim();
export const lines_of = (values: Values, name: string): string[] =>
  text_of(values, name)
    .split(/[\n,]+/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
