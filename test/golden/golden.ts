/** The hashes of fixed runs, and those that stand in golden.json. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bookDigests } from './books.ts';
import { type Digests, demoDigests } from './demo.ts';

export const GOLDEN_FILE = join(import.meta.dirname, 'golden.json');

const AFTERNOON = ['--seed', '7', '--accounts', '60', '--hours', '9-14'];
const DAY = ['--seed', '7', '--hours', 'all', '--accounts', '500'];

export async function golden({ wholeDay }: { readonly wholeDay: boolean }): Promise<Digests> {
  const books = bookDigests();
  const afternoon = named('09:00 to 14:00, 60 accounts', await demoDigests(AFTERNOON));
  const day = wholeDay ? named('the day, 500 accounts', await demoDigests(DAY)) : {};
  return { ...books, ...afternoon, ...day };
}

const named = (run: string, digests: Digests): Digests =>
  Object.fromEntries(Object.entries(digests).map(([name, each]) => [`${run}: ${name}`, each]));

export const readGolden = (): Digests =>
  existsSync(GOLDEN_FILE) ? JSON.parse(readFileSync(GOLDEN_FILE, 'utf8')) : {};

/** One line for each difference. Runs that were not made are not compared. */
export function differencesOf(recorded: Digests, found: Digests): string[] {
  return Object.entries(found).flatMap(([name, { count, facts, sentences }]) => {
    const before = recorded[name];
    if (before === undefined) return [`${name}: not in golden.json`];
    const parts = [
      ...(before.count === count ? [] : [`${before.count} became ${count}`]),
      ...(before.facts === facts ? [] : ['the facts differ']),
      ...(before.sentences === sentences ? [] : ['the sentences for people differ']),
    ];
    return parts.length === 0 ? [] : [`${name}: ${parts.join(', ')}`];
  });
}
