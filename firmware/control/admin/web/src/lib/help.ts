// What a setting means, in the language of the page: English is the schema's own.
import { help_box } from '../words/help_box';
import { help_mail } from '../words/help_mail';
import { language } from './words';

const german = { ...help_mail, ...help_box };

export function help_of(name: string, english: string): string {
  if (language.value !== 'de') return english;
  return german[name] ?? german[name.replace(/^interface\.[^.]+\./, 'interface.<port>.')] ?? english;
}
