// Runs the browser tests in their order: who comes in first, then the pages, then the work.
import './people.mjs';
import './work.mjs';
import './keyboard.mjs';
import './pages.mjs';
import { run_all } from './harness.mjs';

await run_all(process.argv.slice(2));
