// Builds the pages: types out of the API's document, one script, one style sheet, one HTML file.
//
//   node build.mjs DIRECTORY     what the box serves goes there, with compressed copies; names carry a content hash
//   node build.mjs --types       only src/api/schema.ts
//
// What always holds: no code and no style stands in the HTML; script and style together stay below the limit.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync, constants } from 'node:zlib';
import { write_schema } from './scripts/api.mjs';

const kMostBytes = 120 * 1024; // gzip, script and style together
const here = dirname(fileURLToPath(import.meta.url));

async function bundle(entry, kind) {
  const made = await build({
    entryPoints: [join(here, entry)],
    bundle: true,
    write: false,
    minify: true,
    target: ['es2022', 'chrome123', 'firefox120', 'safari17.5'],
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    charset: 'utf8',
    loader: { '.svg': 'text' },
    logLevel: 'warning',
    outfile: `out.${kind}`,
  });
  const content = made.outputFiles[0].contents;
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return { name: `postern-${hash}.${kind}`, content };
}

function html_of(script, style) {
  return readFileSync(join(here, 'src/index.html'), 'utf8').replace('@script', script).replace('@style', style);
}

async function main(directory) {
  write_schema(join(here, '../openapi.json'), join(here, 'src/api/schema.ts'));
  if (directory === '--types') return;
  const script = await bundle('src/main.tsx', 'js');
  const style = await bundle('style/all.css', 'css');
  const icon = readFileSync(join(here, 'style/icon.svg'));
  const files = [script, style, { name: 'icon.svg', content: icon }, { name: 'index.html', content: Buffer.from(html_of(script.name, style.name)) }];
  mkdirSync(directory, { recursive: true });
  for (const old of readdirSync(directory)) rmSync(join(directory, old));
  let total = 0;
  for (const { name, content } of files) {
    const packed = gzipSync(content, { level: constants.Z_BEST_COMPRESSION });
    if (name !== 'icon.svg' && name !== 'index.html') total += packed.length;
    writeFileSync(join(directory, name), content);
    writeFileSync(join(directory, `${name}.gz`), packed);
  }
  console.log(`web: ${(total / 1024).toFixed(1)} KB of ${kMostBytes / 1024} KB (script and style, gzip)`);
  if (total > kMostBytes) throw new Error('the pages are larger than they may be');
}

await main(process.argv[2] ?? 'dist');
