// The keyboard alone: the skip link, the side bar, dialogs that keep the focus and give it back.
import { check, equal, settled, test, visit } from './harness.mjs';
import { home } from './people.mjs';

const focused = (page) => page.evaluate(() => {
  const at = document.activeElement;
  return at === document.body ? 'body' : (at.getAttribute('aria-label') ?? at.textContent ?? '').trim();
});

test('keyboard: the first stop skips to the content', async () => {
  const page = home.page;
  await visit(page, 'dashboard');
  await page.reload();
  await settled(page);
  await page.keyboard.press('Tab');
  equal(await focused(page), 'Skip to the content', 'the first stop');
  const seen = await page.evaluate(() => document.activeElement.getBoundingClientRect().width);
  check(seen > 50, 'it can be seen while it has the focus');
  await page.keyboard.press('Enter');
  equal(await page.evaluate(() => document.activeElement.id), 'page', 'where it leads');
});

test('keyboard: a page is reached and its heading read', async () => {
  const page = home.page;
  await page.evaluate(() => document.querySelector('.brand').focus());
  for (let steps = 0; steps < 30 && (await focused(page)) !== 'Audit log'; steps += 1) await page.keyboard.press('Tab');
  equal(await focused(page), 'Audit log', 'the side bar is walked by Tab');
  const line = await page.evaluate(() => getComputedStyle(document.activeElement).outlineWidth);
  check(parseInt(line, 10) >= 2, 'the focus can be seen');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
});

test('keyboard: a dialog keeps the focus, Escape ends it, and the focus goes back', async () => {
  const page = home.page;
  await visit(page, 'users');
  await page.getByRole('button', { name: 'Add a person' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog', { name: 'Add a person' }).waitFor();
  for (let steps = 0; steps < 14; steps += 1) {
    await page.keyboard.press('Tab');
    const inside = await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest('dialog') !== null);
    check(inside, 'Tab never leaves the dialog for the page behind it');
  }
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  equal(await focused(page), 'Add a person', 'the focus is back');
});

test('keyboard: every control of every page can be reached', async () => {
  const page = home.page;
  for (const place of ['dashboard', 'queue', 'settings', 'keys', 'users']) {
    await visit(page, place);
    const lost = await page.evaluate(() =>
      [...document.querySelectorAll('main button, main a[href], main input, main select, main textarea, main summary')]
        .filter((one) => one.tabIndex < 0 && one.offsetParent !== null)
        .map((one) => one.outerHTML.slice(0, 80)));
    equal(lost, [], `controls of ${place} that Tab passes over`);
  }
});
