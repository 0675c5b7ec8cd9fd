import { describe, expect, it } from 'vitest';
import { answerOf } from '../../../local/backtest/answer.ts';
import type { Coverage } from '../../../local/backtest/coverage.ts';
import type { BacktestResult, RunResult } from '../../../local/backtest/result.ts';

type Count = Coverage['verdict'];

/** Only what the answer looks at. */
const runOf = (
  intervalSeconds: number,
  windows: Count,
  lines: Count,
  { confidence = 0.99, shortfall = 'inside' } = {},
) =>
  ({
    intervalSeconds,
    confidence,
    sides: [{ side: 'both', coverage: { verdict: windows }, shortfall: { verdict: shortfall } }],
    crossings: { coverage: { verdict: lines } },
  }) as unknown as RunResult;

const answer = (...runs: readonly RunResult[]) =>
  answerOf({ runs, side: 'both' } as unknown as BacktestResult);

describe('the answer of a backtest', () => {
  it('is yes if every count is inside its range', () => {
    const runs = [runOf(60, 'inside', 'inside'), runOf(300, 'inside', 'too few')];
    expect(answer(...runs)).toEqual({
      tone: 'good',
      text: 'Yes: the buffer holds at 60 s and 300 s.',
    });
  });

  it('is no, unsafe, if windows or lines exceed too often, even where windows exceed too rarely', () => {
    const runs = [
      runOf(60, 'too many', 'inside'),
      runOf(300, 'too few', 'too many'),
      runOf(900, 'too few', 'inside'),
    ];
    expect(answer(...runs)).toEqual({
      tone: 'bad',
      text: 'No: the buffer is unsafe at 60 s and 300 s, exceeded more often or further than its confidence implies; it is dear at 900 s.',
    });
  });

  it('is no, unsafe, if few windows exceed, but by too much', () => {
    const run = runOf(60, 'too few', 'inside', { shortfall: 'too large' });
    expect(answer(run)).toMatchObject({ tone: 'bad', text: expect.stringContaining('No: ') });
  });

  it('is yes, but dear, if windows exceed too rarely', () => {
    const { tone, text } = answer(runOf(60, 'too few', 'inside'), runOf(300, 'inside', 'inside'));
    expect(tone).toBe('caution');
    expect(text).toMatch(
      /^Yes, but it is dear: at 60 s .* more than it needs; it fits at 300 s\.$/,
    );
  });

  it('names the confidence if there are several', () => {
    const runs = [
      runOf(60, 'inside', 'inside', { confidence: 0.95 }),
      runOf(60, 'inside', 'inside'),
    ];
    expect(answer(...runs).text).toBe(
      'Yes: the buffer holds at 60 s with 95 % and 60 s with 99 %.',
    );
  });
});
