// Every page, against the real box: what axe says in both themes and both languages, and a picture of each.
import { axe, check, equal, facts, language, picture, settled, shown, test, theme, visit } from './harness.mjs';
import { home } from './people.mjs';

const kPages = [
  ['dashboard', 'Overview', 'Überblick'],
  ['messages', 'Messages', 'Nachrichten'],
  ['queue', 'Queue', 'Warteschlange'],
  ['queue?by=domain', 'Queue', 'Warteschlange'],
  ['policies', 'TLS policies', 'TLS-Regeln'],
  ['domains', 'Domains', 'Domains'],
  [`domains/${facts.domain}`, `DNS of ${facts.domain}`, `DNS von ${facts.domain}`],
  ['keys', 'Keys and certificates', 'Schlüssel und Zertifikate'],
  ['reports', 'Reports', 'Berichte'],
  ['reports/sent', 'Reports', 'Berichte'],
  ['settings', 'Settings', 'Einstellungen'],
  ['settings/review', 'Review and commit', 'Durchsehen und in Kraft setzen'],
  ['history', 'Generations', 'Generationen'],
  ['system', 'System', 'System'],
  ['system/network', 'System', 'System'],
  ['system/backup', 'System', 'System'],
  ['system/support', 'System', 'System'],
  ['system/update', 'System', 'System'],
  ['system/power', 'System', 'System'],
  ['log', 'Live log', 'Laufendes Protokoll'],
  ['users', 'People', 'Personen'],
  ['audit', 'Audit log', 'Prüfprotokoll'],
  ['account', 'My account', 'Mein Konto'],
];

for (const [which, tongue, at] of [['light', 'en', 1], ['dark', 'de', 2]]) {
  test(`pages: axe finds nothing, ${which}, ${tongue}`, async () => {
    const page = home.page;
    await theme(page, which);
    await language(page, tongue);
    await page.reload();
    for (const row of kPages) {
      await visit(page, row[0]);
      await page.getByRole('heading', { level: 1, name: row[at], exact: true }).waitFor();
      equal(await page.title(), `${row[at]} – Postern`, 'the title of the window');
      equal(await page.getAttribute('html', 'lang'), tongue, 'the language of the document');
      await axe(page, `${row[0]}, ${which}`);
      if (row[0] === 'dashboard' && which === 'light') await shown(page, 'overview');
      if (row[0].startsWith('domains/') && which === 'dark') await shown(page, 'domain');
      await picture(page, `${which}-${row[0].replace('?', '-').replace('=', '-')}`);
    }
    await theme(page, 'light');
    await language(page, 'en');
    await page.reload();
    await settled(page);
  });
}

test('pages: nothing lies outside the window on a telephone', async (world) => {
  const page = home.page;
  await page.setViewportSize({ width: 375, height: 760 });
  for (const [place] of kPages) {
    await visit(page, place);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    check(wide <= 376, `${place} is ${wide} wide on a window of 375`);
  }
  await visit(page, 'dashboard');
  await picture(page, 'telephone-dashboard');
  await page.getByRole('button', { name: 'Pages' }).click();
  await page.getByRole('link', { name: 'Queue', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Queue' }).waitFor();
  await page.setViewportSize({ width: 1280, height: 860 });
  void world;
});

test('charts: each can be read as a table', async () => {
  const page = home.page;
  await visit(page, 'dashboard');
  await page.getByRole('button', { name: '5 min' }).click();
  await page.getByRole('button', { name: 'As a table' }).first().click();
  await page.getByRole('table', { name: 'Messages per second' }).waitFor();
  await axe(page, 'a chart as a table');
  await page.getByRole('button', { name: 'As a table' }).first().click();
});

test('no request leaves the box, and the browser has nothing to complain of', async (world) => {
  equal([...world.strangers], [], 'requests to others');
  equal(world.complaints, [], 'complaints of the browser (a broken rule of the CSP is one)');
});
