// The one catalogue: every word of the page in English and German, side by side.
import { box } from './box';
import { frame } from './frame';
import { mail } from './mail';
import { names } from './names';
import { people } from './people';
import { trust } from './trust';

export const catalogue = { ...frame, ...mail, ...trust, ...box, ...people, ...names };
