import { expect, it } from 'vitest';
import {
  EVENTS_NOTE,
  everyText,
  type IntervalRun,
  intervalMeanings,
  intervalRows,
  intervalSentence,
  otherIntervals,
  REFINED_NOTE,
} from '../../../local/demo/intervals.ts';
import { parseDemoOptions } from '../../../local/demo/options.ts';
import { otherIntervalsSection } from '../../../local/demo/report/other-intervals-section.ts';

const runOf = (intervalSeconds: number, breaches: number): IntervalRun => ({
  label: intervalSeconds === 60 ? '1 min' : `${intervalSeconds} s`,
  replays: { decisions: 1, identical: 1 },
  figures: {
    ...{ intervalSeconds, breaches, checks: 6, badDebt: '1234.5', overshoot: 100 * breaches },
    ...{ bufferHeld: 900, beyondBuffer: 1, shockHeld: 0.021, calls: 7, callsCuredUnpaid: 2 },
    ...{ eventChecks: 4, accountsLiquidated: 3, plans: 4, closed: '9', unbalanced: [] },
  },
});

const RUNS = [runOf(60, 2), runOf(10, 0)];

it('beside another interval than a minute the same run at a minute, on the same prices', () => {
  expect(otherIntervals(parseDemoOptions([]))).toEqual([]);
  const [beside, ...more] = otherIntervals(parseDemoOptions(['--interval', '10s', '--seed', '9']));
  expect(more).toEqual([]);
  expect(beside).toMatchObject({ intervalSeconds: 60, isRefined: true, seed: 9 });
  const [coarse] = otherIntervals(parseDemoOptions(['--interval', '5m']));
  expect(coarse).toMatchObject({ intervalSeconds: 60, isRefined: false });
});

it('beside a run by events the schedule alone, and a minute, on the same seconds', () => {
  const shown = (words: readonly string[]) =>
    otherIntervals(parseDemoOptions(words)).map(({ intervalSeconds, hasEvents, isRefined }) => [
      intervalSeconds,
      hasEvents,
      isRefined,
    ]);
  expect(shown(['--events'])).toEqual([[60, false, true]]);
  expect(shown(['--events', '--interval', '10s'])).toEqual([
    [10, false, true],
    [60, false, true],
  ]);
});

it('intervals have a column of figures each', () => {
  const rows = intervalRows(RUNS.map(({ figures }) => figures));
  expect(rows).toHaveLength(intervalMeanings.length);
  expect(rows).toContainEqual(['Bad debt, USD', '1,235', '1,235']);
  expect(rows).toContainEqual(['Overshoot per line crossed, USD', '100', '–']);
  expect(rows).toContainEqual(['Shock held on BTC', '2.1 %', '2.1 %']);
});

it('a sentence goes from the shortest interval to the longest', () => {
  expect(intervalSentence(RUNS)).toBe(
    'With a check every 10 s: 0 lines crossed with 0 USD of overshoot, and 1,235 USD of bad debt. ' +
      'With one every 1 min: 2 lines crossed with 200 USD of overshoot, and 1,235 USD of bad debt.',
  );
  expect(intervalSentence(RUNS.slice(0, 1))).toBe('');
});

it('the report says that seconds are drawn where they are, and how events come', () => {
  const proseOf = (isRefined: boolean, hasEvents: boolean) =>
    otherIntervalsSection(RUNS, { isRefined, hasEvents }).prose;
  expect(proseOf(true, false)).toContain(REFINED_NOTE);
  expect(proseOf(true, false)).not.toContain(EVENTS_NOTE);
  expect(proseOf(false, false)).not.toContain(REFINED_NOTE);
  expect(proseOf(true, true)).toEqual(expect.arrayContaining([REFINED_NOTE, EVENTS_NOTE]));
});

it('an interval is said in words', () => {
  const texts = [60, 10, 300].map((seconds) => everyText(seconds));
  expect(texts).toEqual(['once a minute', 'every 10 s', 'every 5 min']);
  expect(everyText(10, true)).toBe('every 10 s, and by events');
});
