/**
 * `npm run golden`: compares hashes of fixed runs with golden.json, to prove that a change meant to
 * change nothing does change nothing. `--day` adds the whole day of `npm start -- --seed 7 --hours all --accounts 500`. `--update`
 * writes golden.json: in a commit of its own, which says what changed and why.
 */
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { differencesOf, GOLDEN_FILE, golden, readGolden } from './golden.ts';

const options = new Command('golden')
  .option('--day', 'the whole day, too: two minutes')
  .option('--update', 'write golden.json')
  .parse()
  .opts<{ day?: boolean; update?: boolean }>();

const found = await golden({ wholeDay: options.day === true });
const recorded = readGolden();
for (const [name, { count, facts, sentences }] of Object.entries(found)) {
  console.log(`${facts}  ${sentences}  ${String(count).padStart(6)}  ${name}`);
}
const differences = differencesOf(recorded, found);
if (options.update) {
  writeFileSync(GOLDEN_FILE, `${JSON.stringify({ ...recorded, ...found }, undefined, 2)}\n`);
} else if (differences.length > 0) {
  process.exitCode = 1;
}
for (const difference of differences) console.log(difference);
console.log(
  `${Object.keys(found).length - differences.length} passed, ${differences.length} failed`,
);
