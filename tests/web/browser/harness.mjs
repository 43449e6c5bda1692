// What the browser tests share: Debian's Chromium, the list of tests, pictures, axe, and one-time codes.
//
// What always holds: a test waits for what it wants to see, never for time to pass; every request a page makes and
// every complaint of the browser is kept, and any that should not be there fails the run.
import { createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { small } from './png.mjs';

const kModules = process.env.WEB_MODULES;
const require = createRequire(join(kModules, 'package.json'));
const { chromium } = require('playwright-core');
const kAxe = readFileSync(join(kModules, 'node_modules/axe-core/axe.min.js'), 'utf8');

export const facts = JSON.parse(process.env.WEB_FACTS); // url, first_code, output, ...
export const kPatience = Number(process.env.WEB_PATIENCE ?? 45_000);

const tests = [];
export const test = (name, run) => tests.push({ name, run });

export function check(truth, what) {
  if (!truth) throw new Error(what);
}

export function equal(is, should, what) {
  check(JSON.stringify(is) === JSON.stringify(should), `${what}: ${JSON.stringify(is)}, not ${JSON.stringify(should)}`);
}

// RFC 6238: SHA-1, thirty seconds, six digits.
export function code_of(secret, at = Date.now()) {
  const bits = [...secret.replace(/[\s=]/g, '')].map((sign) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(sign).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const start = digest[19] & 15;
  return String((digest.readUInt32BE(start) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

// A code works once (RFC 6238 §5.2). The box also takes the next step's code (clocks differ): where this one's was used,
// that one is; where both were, time has to pass.
let used_step = 0;
export async function fresh_code(secret) {
  const now = () => Math.floor(Date.now() / 30_000);
  used_step = Math.max(used_step + 1, now());
  while (now() < used_step - 1) await new Promise((resolve) => setTimeout(resolve, 250));
  return code_of(secret, used_step * 30_000);
}

export class World {
  constructor(browser) {
    this.browser = browser;
    this.strangers = new Set();
    this.complaints = [];
    this.expected = []; // complaints a test provokes
  }

  async context(options = {}) {
    const context = await this.browser.newContext({
      ignoreHTTPSErrors: true,
      viewport: { width: 1280, height: 860 },
      locale: 'en-GB',
      colorScheme: 'light',
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(kPatience);
    const own = new URL(facts.url).origin;
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (url.origin !== own && !['data:', 'blob:'].includes(url.protocol)) this.strangers.add(url.origin);
    });
    context.on('console', (message) => {
      const text = message.text();
      if (message.type() === 'error' && !/Failed to load resource/.test(text)) this.complaints.push(text);
    });
    context.on('weberror', (error) => this.complaints.push(String(error.error())));
    return context;
  }

  async page(options) {
    const page = await (await this.context(options)).newPage();
    await page.goto(facts.url);
    return page;
  }
}

// Shows a page of the box and waits until it has what it asked for.
export async function visit(page, place) {
  await page.evaluate((to) => (location.hash = to), `#/${place}`);
  await settled(page);
}

export async function settled(page) {
  await page.locator('h1').first().waitFor();
  await page.waitForFunction(() => document.querySelector('.busy') === null, null, { timeout: kPatience });
}

export async function axe(page, what) {
  await page.evaluate(kAxe);
  const found = await page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ['violations'] });
    return result.violations.map((one) => `${one.id} at ${one.nodes.slice(0, 3).map((node) => node.target.join(' ')).join(', ')}`);
  });
  check(found.length === 0, `axe on ${what}: ${found.join('; ')}`);
}

export async function picture(page, name, options = {}) {
  mkdirSync(facts.output, { recursive: true });
  await page.screenshot({ path: join(facts.output, `${name.replaceAll('/', '-')}.png`), fullPage: true, ...options });
}

// The pictures of the README: as a person sees them, and small.
export async function shown(page, name) {
  if (!facts.pictures) return;
  mkdirSync(facts.pictures, { recursive: true });
  await page.setViewportSize({ width: 1200, height: 780 });
  await settled(page);
  writeFileSync(join(facts.pictures, `${name}.png`), small(await page.screenshot()));
  await page.setViewportSize({ width: 1280, height: 860 });
}

export async function theme(page, which) {
  await page.evaluate((to) => localStorage.setItem('postern.theme', to), which);
}

export async function language(page, which) {
  await page.evaluate((to) => localStorage.setItem('postern.language', to), which);
}

// The message that stands below a field and is tied to it.
export async function fault_of(page, label, role) {
  const field = (role ? page.getByRole(role, { name: label }) : page.getByLabel(label)).last();
  await page.waitForFunction((one) => one.getAttribute('aria-invalid') === 'true', await field.elementHandle(), { timeout: kPatience });
  const ids = (await field.getAttribute('aria-describedby')).split(' ');
  return page.locator(`[id="${ids.at(-1)}"]`).innerText();
}

export async function run_all(wanted) {
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-lcd-text', '--disable-sync', '--disable-dev-shm-usage'],
  });
  const world = new World(browser);
  const report = { passed: 0, failed: [] };
  for (const { name, run } of tests) {
    if (wanted.length > 0 && !wanted.some((word) => name.includes(word))) continue;
    const began = Date.now();
    let word = 'ok';
    try {
      await run(world);
      report.passed += 1;
    } catch (fault) {
      word = `FAILED: ${fault.stack?.split('\n').slice(0, 12).join('\n    ') ?? fault}`;
      report.failed.push(name);
      let at = 0;
      for (const context of browser.contexts()) for (const page of context.pages()) await picture(page, `failed-${name.replaceAll(/\W+/g, '-')}-${at++}`).catch(() => undefined);
    }
    console.log(`  ${name.padEnd(62)} ${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${word}`);
    // Nobody is inside: nothing else can be tried.
    if (name.startsWith('first boot') && word !== 'ok') break;
  }
  await browser.close();
  writeFileSync(facts.report, JSON.stringify(report));
  process.exit(report.failed.length > 0 ? 1 : 0);
}
