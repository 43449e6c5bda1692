// Daily work on the real box: a setting changed on trial and kept, mail followed, the queue acted on, a destination asked.
import { axe, check, equal, facts, fault_of, picture, settled, shown, test, visit } from './harness.mjs';
import { home, proved } from './people.mjs';

test('settings: a wrong value is told beside the field, and can be undone', async () => {
  const page = home.page;
  await visit(page, 'settings?find=outbound.command_timeout');
  const field = page.getByLabel('Command timeout').last();
  await field.fill('soon');
  await field.press('Tab');
  const text = await fault_of(page, 'Command timeout');
  check(text.length > 5, `the message beside the field: ${text}`);
  await axe(page, 'a setting at fault');
  await picture(page, 'settings-fault');
  await field.fill('4m');
  await field.press('Tab');
  await page.getByText('changed', { exact: true }).waitFor();
});

test('settings: reviewed, committed on trial, seen on every page, kept', async () => {
  const page = home.page;
  await visit(page, 'settings/review');
  await page.getByText('outbound.command_timeout').first().waitFor();
  await picture(page, 'settings-review');
  await page.getByLabel('Comment').fill('a shorter wait');
  await page.getByRole('button', { name: 'Commit', exact: true }).click();
  const banner = page.getByRole('region', { name: 'A commit on trial' });
  await banner.waitFor();
  for (const place of ['history', 'queue', 'users']) {
    await visit(page, place);
    check(/\d:\d\d/.test(await banner.innerText()), `the countdown stands on ${place}`);
  }
  await axe(page, 'a commit on trial');
  await picture(page, 'commit-on-trial', { fullPage: false });
  await banner.getByRole('button', { name: 'Keep it' }).click();
  await banner.waitFor({ state: 'detached' });
  await visit(page, 'history');
  await page.getByRole('row', { name: /a shorter wait/ }).first().waitFor();
  await page.getByRole('button', { name: /Show the changes/ }).first().click();
  await page.getByRole('dialog').getByText('outbound.command_timeout').waitFor();
  await axe(page, 'the changes of a generation');
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
});

test('messages: found by address, and the time line of one', async () => {
  const page = home.page;
  await visit(page, 'messages');
  await page.getByLabel(/Address, domain/).fill(facts.recipient);
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('row', { name: new RegExp(facts.recipient) }).first().waitFor();
  await picture(page, 'messages-found');
  await page.getByRole('row', { name: new RegExp(facts.recipient) }).first().getByRole('link').click();
  await page.getByRole('heading', { level: 1, name: 'Time line of a message' }).waitFor();
  await settled(page);
  await page.getByText('accepted').first().waitFor();
  await axe(page, 'the time line of a message');
  await picture(page, 'message-time-line');
  await shown(page, 'message');
});

test('queue: an act says what it would do first, and does it', async () => {
  const page = home.page;
  await visit(page, 'queue');
  await page.getByRole('row', { name: new RegExp(facts.waiting) }).first().waitFor();
  await page.getByRole('checkbox', { name: /Choose message/ }).first().check();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('This concerns 1 message.').waitFor();
  await axe(page, 'what an act would do');
  await picture(page, 'queue-dry-run', { fullPage: false });
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Hold', exact: true }).click();
  await dialog.getByRole('button', { name: /^Hold/ }).click();
  await page.locator('.badge', { hasText: 'held' }).first().waitFor();
});

test('policies: a destination is asked about, and bad input told', async () => {
  const page = home.page;
  await visit(page, 'policies');
  await page.getByLabel('Domain').first().fill('not a domain');
  await page.getByRole('button', { name: 'What do we insist on?' }).click();
  check((await page.locator('.fault').first().innerText()).length > 5, 'what a domain looks like stands beside the field');
  await page.getByLabel('Domain').first().fill(facts.destination);
  await page.getByRole('button', { name: 'What do we insist on?' }).click();
  await page.locator('dl.facts, .banner.bad').first().waitFor();
  await settled(page);
  await axe(page, 'what is insisted on');
  await picture(page, 'policy-asked');
  await page.getByRole('button', { name: 'Add a rule' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a rule' });
  await dialog.getByRole('button', { name: 'Add a rule' }).click();
  equal(await dialog.locator('.fault').count(), 3, 'empty fields told at once');
  await axe(page, 'a rule at fault');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
});

test('forms: bad input of the others is told beside the field', async () => {
  const page = home.page;
  await visit(page, 'account');
  await page.getByLabel('Password so far').fill('wrong wrong wrong');
  await page.getByLabel('New password').fill('short');
  await page.getByRole('button', { name: 'Change password' }).click();
  check((await fault_of(page, 'New password')).includes('10'), 'how long a password has to be');
  await page.getByRole('button', { name: 'Add a token' }).click();
  const token = page.getByRole('dialog', { name: 'Add a token' });
  await token.getByLabel('Days until it ends').fill('many');
  await token.getByRole('button', { name: 'Add a token' }).click();
  equal(await token.locator('.fault').count(), 2, 'the name is missing, and "many" is no number');
  await token.getByRole('button', { name: 'Cancel' }).click();
  await visit(page, 'system/backup');
  await page.getByLabel('Passphrase').first().fill('short');
  await page.getByRole('button', { name: 'Make a backup' }).click();
  check((await page.locator('.fault').first().innerText()).includes('8'), 'how long a passphrase has to be');
  await visit(page, 'keys');
  await page.getByRole('button', { name: 'Make a key' }).click();
  const key = page.getByRole('dialog', { name: 'Make a key' });
  await key.getByRole('button', { name: 'Make a key' }).click();
  equal(await key.locator('.fault').count(), 2, 'name and names are missing');
  await axe(page, 'a key at fault');
  await key.getByRole('button', { name: 'Cancel' }).click();
});

test('system: what would be destroyed is said first', async () => {
  const page = home.page;
  await visit(page, 'system/power');
  await page.getByRole('button', { name: 'Factory reset' }).click();
  await proved(page, page.getByRole('dialog', { name: 'Factory reset' }));
  const dialog = page.getByRole('dialog', { name: 'Factory reset' });
  check((await dialog.locator('.banner').innerText()).length > 20, 'it says what goes');
  await axe(page, 'factory reset');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
});
