import { describe, expect, it } from 'vitest';
import { parseDemoOptions } from '../../../local/demo/options.ts';
import type { ToldDay } from '../../../local/demo/report/day.ts';
import type { DemoResult } from '../../../local/demo/result.ts';
import { closingSentences, openingSentence, verdictOf } from '../../../local/demo/sentences.ts';

const resultWith = (badDebt: string, [fund, others, venue]: readonly [string, string, string]) =>
  ({
    liquidations: { accounts: 3 },
    impact: { badDebt },
    deficits: { paidByFund: fund, sharedByOthers: others, borneByVenue: venue },
  }) as DemoResult;

it('the opening is one sentence with the hours and prices of the run', () => {
  const text = openingSentence(parseDemoOptions(['--hours', '10-12'])).replaceAll('\n', ' ');
  expect(text).toMatch(
    /2020-03-12 10:00 to 12:00 UTC, when Bitcoin went from 7,351 to as low as 5,569 USD/,
  );
  expect(text.match(/\.( |$)/g)).toHaveLength(1);
});

describe('the verdict on a day', () => {
  it('is good without bad debt', () => {
    expect(verdictOf(resultWith('0', ['0', '0', '0'])).tone).toBe('good');
  });

  it('names who paid', () => {
    expect(verdictOf(resultWith('30.5', ['10', '20.5', '0']))).toEqual({
      tone: 'caution',
      text: '3 accounts were liquidated and left 31 USD of bad debt: the insurance fund paid 10 USD, other accounts 21 USD and the venue 0 USD.',
    });
  });

  it('is bad if the venue bears a loss, or a debt is open', () => {
    expect(verdictOf(resultWith('30', ['10', '10', '10'])).tone).toBe('bad');
    const open = verdictOf(resultWith('30', ['10', '10', '0']));
    expect(open.tone).toBe('bad');
    expect(open.text).toMatch(/ and 10 USD is not paid yet\.$/);
  });
});

describe('the last sentence', () => {
  const breaches = [{ overshootUsd: 10, bufferUsd: 20 }] as unknown as ToldDay['breaches'];
  const closing = (run: Partial<DemoResult['run']>): string => {
    const result = {
      ...resultWith('0', ['0', '0', '0']),
      run: { accounts: 12, ...run },
      liquidations: { accounts: 3, plans: 4 },
      impact: { badDebt: '0', lowestBitcoin: null },
      calls: { issued: 2 },
      hours: [],
      replays: { decisions: 5, identical: 5 },
    } as unknown as DemoResult;
    const day = { breaches } as ToldDay;
    return closingSentences(result, day).split('\n\n').at(-1)?.replaceAll('\n', ' ') ?? '';
  };

  it('says how long nobody looked', () => {
    expect(closing({ intervalSeconds: 60, hasEvents: false })).toMatch(
      /^This is what a minute without a look costs: 1 breach happened between two checks/,
    );
  });

  it('does not say that nobody looked for an interval where events start checks', () => {
    expect(closing({ intervalSeconds: 10, hasEvents: true })).toMatch(
      /^This is what the time between two looks, 10 s or an event apart, costs: 1 breach happened/,
    );
  });
});
