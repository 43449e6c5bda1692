// The table of pages: where each stands in the side bar, and who has use for it.
import type { ComponentType } from 'preact';
import type { Session } from '../api/schema';
import type { Word } from '../lib/words';
import type { IconName } from '../ui/icons';
import { Account } from './account';
import { Audit } from './audit';
import { Dashboard } from './dashboard';
import { Domains } from './domains';
import { History } from './history';
import { Keys } from './keys';
import { Log } from './log';
import { Messages } from './messages';
import { Policies } from './policies';
import { Queue } from './queue';
import { Reports } from './reports';
import { Settings } from './settings';
import { System } from './system';
import { Users } from './users';

export interface PageProps {
  rest: string[];
  query: URLSearchParams;
}

type Role = NonNullable<Session['role']>;

interface Page {
  id: string;
  title: Word;
  group: 'mail' | 'trust' | 'box' | 'people' | 'hidden';
  icon: IconName;
  roles: readonly Role[];
  view: ComponentType<PageProps>;
}

const kAll = ['owner', 'operator', 'help_desk', 'auditor'] as const;
const kStaff = ['owner', 'operator', 'auditor'] as const;

export const kGroups = ['mail', 'trust', 'box', 'people'] as const;

export const pages: Page[] = [
  { id: 'dashboard', title: 'dashboard.title', group: 'mail', icon: 'dashboard', roles: kAll, view: Dashboard },
  { id: 'messages', title: 'messages.title', group: 'mail', icon: 'messages', roles: kAll, view: Messages },
  { id: 'queue', title: 'queue.title', group: 'mail', icon: 'queue', roles: kAll, view: Queue },
  { id: 'policies', title: 'policies.title', group: 'trust', icon: 'tls', roles: kStaff, view: Policies },
  { id: 'domains', title: 'domains.title', group: 'trust', icon: 'domains', roles: kStaff, view: Domains },
  { id: 'keys', title: 'keys.title', group: 'trust', icon: 'keys', roles: kStaff, view: Keys },
  { id: 'reports', title: 'reports.title', group: 'trust', icon: 'reports', roles: kStaff, view: Reports },
  { id: 'settings', title: 'settings.title', group: 'box', icon: 'settings', roles: kStaff, view: Settings },
  { id: 'history', title: 'history.title', group: 'box', icon: 'history', roles: kStaff, view: History },
  { id: 'system', title: 'system.title', group: 'box', icon: 'system', roles: kAll, view: System },
  { id: 'log', title: 'log.title', group: 'box', icon: 'log', roles: kStaff, view: Log },
  { id: 'users', title: 'users.title', group: 'people', icon: 'users', roles: ['owner', 'auditor'], view: Users },
  { id: 'audit', title: 'audit.title', group: 'people', icon: 'audit', roles: ['owner', 'auditor'], view: Audit },
  { id: 'account', title: 'account.title', group: 'hidden', icon: 'person', roles: kAll, view: Account },
];

export function page_of(id: string): Page {
  return pages.find((page) => page.id === id) ?? pages[0]!;
}
