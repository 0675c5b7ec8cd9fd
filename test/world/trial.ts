/** A seed gives a history, which is lived once or twice, and shrunk to the smallest that still fails. */
import fc from 'fast-check';
import type { Counts } from './coverage.ts';
import { type History, histories, historiesOfSlots, withEventFaults } from './history.ts';
import { type Lived, live } from './world.ts';

/** Each seed that this divides is lived twice. */
const TWICE_EVERY = 10;

/** Each seed that leaves a rest of one has checks below a minute. */
const SLOTS_EVERY = 4;

const arbitraryOf = (seed: number, minutes: number): fc.Arbitrary<History> =>
  withEventFaults(seed % SLOTS_EVERY === 1 ? historiesOfSlots(minutes) : histories(minutes));

export interface Trial {
  readonly seed: number;
  /** Empty if all held. */
  readonly violations: readonly string[];
  readonly counts: Counts;
}

class Violation extends Error {
  override readonly name = 'Violation';
}

export async function historyOf(seed: number, minutes: number): Promise<History> {
  let found: History | undefined;
  const property = fc.asyncProperty(fc.noBias(arbitraryOf(seed, minutes)), async (history) => {
    found ??= history;
  });
  await fc.check(property, { seed, numRuns: 1 });
  if (found === undefined) throw new Error(`no history of seed ${seed}`);
  return found;
}

export async function tryOut(seed: number, minutes: number): Promise<Trial> {
  const history = await historyOf(seed, minutes);
  const { violations, coverage, digest } = await live(history);
  const found = [...violations];
  if (seed % TWICE_EVERY === 0) {
    const again = await live(history);
    if (again.digest !== digest) found.push('the same history was lived in two ways');
  }
  return { seed, violations: found, counts: coverage.counts };
}

export interface Shrunk {
  readonly history: History;
  readonly steps: number;
  readonly lived: Lived;
}

/** @returns undefined if nothing fails */
export async function shrink(
  seed: number,
  minutes: number,
  { limitMs = 120_000 } = {},
): Promise<Shrunk | undefined> {
  const property = fc.asyncProperty(fc.noBias(arbitraryOf(seed, minutes)), async (history) => {
    const { violations } = await live(history);
    if (violations.length > 0) throw new Violation(violations[0]);
  });
  const settings = { seed, numRuns: 1, interruptAfterTimeLimit: limitMs };
  const details = await fc.check(property, settings);
  const [history] = details.counterexample ?? [];
  if (history === undefined) return undefined;
  const lived = await live(history, { tells: true });
  return { history, steps: details.numShrinks, lived };
}
