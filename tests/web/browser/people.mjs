// The way in: first boot, login, second factor, recovery code, and what is said where it fails.
import { check, code_of, equal, facts, fault_of, fresh_code, picture, settled, test, axe, visit } from './harness.mjs';

export const owner = { name: 'ada', password: 'correct horse battery staple', secret: '', codes: [] };
export const home = {}; // the owner's page, used by the tests that follow

test('first boot: from the code on the console to a domain that is served', async (world) => {
  const began = Date.now();
  const page = (home.page = await world.page());
  await page.getByRole('heading', { name: 'Welcome' }).waitFor();
  await axe(page, 'first boot, code');
  await picture(page, 'first-boot-1-code');
  const code = page.getByLabel('First-boot code');
  await code.fill('wrong-code');
  await page.getByRole('button', { name: 'Continue' }).click();
  check((await fault_of(page, 'First-boot code')).length > 5, 'a wrong code is told beside the field');
  await code.fill(facts.first_code);
  await page.getByRole('button', { name: 'Continue' }).click();

  await page.getByRole('heading', { name: 'The first owner' }).waitFor();
  await page.getByLabel('User').fill('Ada Lovelace!');
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Continue' }).click();
  check((await fault_of(page, 'Password')).includes('10'), 'how long a password has to be stands beside it');
  await page.getByLabel('Password').fill(owner.password);
  await page.getByRole('button', { name: 'Continue' }).click();
  check((await fault_of(page, 'User')).length > 5, 'what a name looks like stands beside it');
  await page.getByLabel('User').fill(owner.name);
  await page.getByLabel('Full name').fill('Ada Lovelace');
  await axe(page, 'first boot, owner');
  await picture(page, 'first-boot-2-owner');
  await page.getByRole('button', { name: 'Continue' }).click();

  await page.getByRole('img', { name: /QR/ }).waitFor();
  owner.secret = await page.locator('.copy code').innerText();
  await axe(page, 'first boot, device');
  await picture(page, 'first-boot-3-device');
  await page.getByRole('textbox', { name: 'Code' }).fill('000000');
  await page.getByRole('button', { name: 'Confirm' }).click();
  check((await fault_of(page, 'Code', 'textbox')).length > 5, 'a wrong code is told beside the field');
  await page.getByRole('textbox', { name: 'Code' }).fill(await fresh_code(owner.secret));
  await page.getByRole('button', { name: 'Confirm' }).click();

  await page.locator('.codes li').first().waitFor();
  owner.codes = await page.locator('.codes li').allInnerTexts();
  equal(owner.codes.length, 10, 'recovery codes');
  await picture(page, 'first-boot-4-codes');
  await page.getByRole('button', { name: 'I have kept them safe' }).click();

  await page.getByRole('heading', { name: 'Where mail goes' }).waitFor();
  await page.getByLabel('Host name').fill('not a name');
  await page.getByLabel('Domains').fill(`${facts.domain}\nsecond.example`); // a box in the lab serves the first already
  await page.getByLabel('Mail servers of the office').fill(facts.office);
  await page.getByLabel('Recipients').selectOption('static');
  await page.getByRole('button', { name: 'Put it in force' }).click();
  check((await fault_of(page, 'Host name')).length > 5, 'what a host name looks like stands beside it');
  await page.getByLabel('Host name').fill(facts.host_name);
  await axe(page, 'first boot, mail');
  await picture(page, 'first-boot-5-mail');
  await page.getByRole('button', { name: 'Put it in force' }).click();
  await page.getByRole('heading', { name: 'Domains' }).waitFor();
  await page.getByRole('link', { name: facts.domain, exact: true }).waitFor();
  console.log(`    first boot in ${((Date.now() - began) / 1000).toFixed(0)} s`);
});

async function log_in(page, person, password = person.password) {
  await page.getByLabel('User').fill(person.name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

test('login: password, then the code of the device; wrong ones are told', async (world) => {
  const page = await world.page();
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  await axe(page, 'login');
  await picture(page, 'login');
  await page.getByRole('button', { name: 'Log in' }).click();
  check((await fault_of(page, 'User')).length > 3, 'an empty name is told beside the field');
  await log_in(page, owner, 'not the right password');
  await page.locator('.banner.bad, .fault').first().waitFor();
  await log_in(page, owner);
  await page.getByRole('heading', { name: 'Second factor' }).waitFor();
  await axe(page, 'second factor');
  await picture(page, 'login-second-factor');
  await page.getByRole('textbox', { name: 'Code' }).fill(await fresh_code(owner.secret));
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.context().close();
});

test('login: a recovery code stands for a lost device, once', async (world) => {
  const page = await world.page();
  for (const round of [1, 2]) {
    await log_in(page, owner);
    await page.getByRole('button', { name: /recovery code instead/ }).click();
    await page.getByLabel('Recovery code').fill(owner.codes[0]);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    if (round === 1) {
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      await page.getByRole('button', { name: 'Log out' }).click();
      await page.getByRole('heading', { name: 'Log in' }).waitFor();
    } else {
      await page.locator('.banner.bad, .fault').first().waitFor();
    }
  }
  await page.context().close();
});

// Asked again who it is, the owner answers; the box remembers for ten minutes.
export async function prove(page) {
  const dialog = page.getByRole('dialog', { name: 'Is it you?' });
  await dialog.waitFor();
  await dialog.getByLabel('Password').fill(owner.password);
  await dialog.getByRole('textbox', { name: 'Code' }).fill(await fresh_code(owner.secret));
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await dialog.waitFor({ state: 'detached' });
}

// Waits for `wanted`, giving the second proof first where the box asks for it.
export async function proved(page, wanted) {
  const asked = page.getByRole('dialog', { name: 'Is it you?' });
  await wanted.or(asked).first().waitFor();
  if ((await asked.count()) > 0) await prove(page);
  await wanted.waitFor();
}

test('people: a second person is added; the first login adds a device and a password of their own', async (world) => {
  const page = home.page;
  await visit(page, 'users');
  await page.getByRole('button', { name: 'Add a person' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a person' });
  await dialog.getByLabel('User').fill('Grace');
  await dialog.getByRole('button', { name: 'Add a person' }).click();
  await proved(page, dialog.locator('.fault'));
  check((await fault_of(page, 'User')).length > 5, 'what a name looks like stands beside it');
  await dialog.getByLabel('User').fill('grace');
  await dialog.getByLabel('Role').selectOption('auditor');
  await dialog.getByRole('button', { name: 'Add a person' }).click();
  const shown = page.getByRole('dialog', { name: 'Password for grace' });
  await proved(page, shown);
  await axe(page, 'a password shown once');
  const password = await shown.locator('.copy code').innerText();
  await shown.getByRole('button', { name: 'I have kept them safe' }).click();
  await page.getByRole('row', { name: /grace/ }).first().waitFor();

  const hers = await world.page();
  await log_in(hers, { name: 'grace' }, password);
  await hers.getByRole('heading', { name: /Add your device|Change password/ }).waitFor();
  await hers.getByLabel('Name of the device').fill('Phone');
  await hers.getByRole('button', { name: 'Continue' }).click();
  const secret = await hers.locator('.copy code').innerText();
  await hers.getByRole('textbox', { name: 'Code' }).fill(code_of(secret));
  await hers.getByRole('button', { name: 'Confirm' }).click();
  await hers.getByRole('button', { name: 'I have kept them safe' }).click();
  await hers.getByRole('heading', { name: 'Change password' }).waitFor();
  await hers.getByLabel('Password so far').fill(password);
  await hers.getByLabel('New password').fill('a long sentence of her own');
  await hers.getByRole('button', { name: 'Change password' }).click();
  await hers.getByRole('heading', { name: 'Overview' }).waitFor();
  await settled(hers);
  equal(await hers.getByRole('button', { name: 'Log out' }).count(), 1, 'she is inside');
  await visit(hers, 'queue');
  equal(await hers.getByRole('button', { name: 'Delete' }).count(), 0, 'an auditor has no buttons that change');
  await hers.context().close();
});
