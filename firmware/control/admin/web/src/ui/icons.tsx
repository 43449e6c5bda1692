// Small line drawings, 24 units wide; decoration only, so screen readers pass them over.
const kPaths = {
  gate: 'M4 21V9a8 8 0 0 1 16 0v12M4 21h5M15 21h5M9 21v-9M15 21v-9M4 12h16M12 12v9',
  dashboard: 'M4 19V5M4 19h16M8 15v-4M12 15V8M16 15v-6',
  messages: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM15.5 15.5 21 21',
  queue: 'M4 6h16M4 12h16M4 18h10',
  tls: 'M6 11h12v9H6zM9 11V7a3 3 0 0 1 6 0v4',
  domains: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM3 12h18M12 3c-5 6-5 12 0 18M12 3c5 6 5 12 0 18',
  keys: 'M8 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 12h9M17 12v4M20 12v3',
  reports: 'M6 3h9l4 4v14H6zM9 12h6M9 16h6M14 3v5h5',
  system: 'M4 5h16v6H4zM4 13h16v6H4zM8 8h.01M8 16h.01',
  settings: 'M5 7h9M18 7h1M5 17h1M10 17h9M16 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM8 19.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
  history: 'M4 12a8 8 0 1 0 3-6.2M4 4v4h4M12 8v4l3 2',
  users: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3 20c0-4 2.5-6 6-6s6 2 6 6M16 11a3 3 0 0 0 0-6M17 14c2.7.5 4 2.5 4 6',
  audit: 'M9 5h10v16H5V5h4M9 3h6v4H9zM8.500 14l2 2 4-4',
  log: 'M4 5h16v14H4zM8 10l2.500 2L8 14M13 14h4',
  menu: 'M4 7h16M4 12h16M4 17h16',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  close: 'M6 6l12 12M18 6 6 18',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600 7 7M17 17l1.400 1.400M5.600 18.400 7 17M17 7l1.400-1.400',
  moon: 'M20 14.500A8 8 0 0 1 9.500 4 8 8 0 1 0 20 14.500Z',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 21c0-5 3-7 8-7s8 2 8 7',
} as const;

export type IconName = keyof typeof kPaths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      <path d={kPaths[name]} />
    </svg>
  );
}
