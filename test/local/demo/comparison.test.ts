import { describe, expect, it } from 'vitest';
import {
  type ComparedRun,
  comparisonRows,
  comparisonSentence,
  inOrder,
  otherRuns,
} from '../../../local/demo/comparison.ts';
import { demoMarketRows, STANDARD_MARKET, type Switch } from '../../../local/demo/market.ts';
import { parseDemoOptions } from '../../../local/demo/options.ts';
import { cascadeSection } from '../../../local/demo/report/cascade-section.ts';

const STEPS = 5;

const runOf = (throttle: Switch, buffer: Switch, displacement = -0.02): ComparedRun => ({
  ...{ throttle, buffer, label: `${throttle}/${buffer}` },
  figures: {
    ...{ badDebt: '1234.5', largestDisplacement: String(displacement), impactCost: '-10.4' },
    ...{ lowestBitcoin: '5000.5', accountsLiquidated: 3, plans: 4, closed: '9', unbalanced: [] },
  },
  replays: { decisions: 1, identical: 1 },
  path: Array.from({ length: STEPS }, (_, minute) => ({
    ...{ timeMs: minute * 60_000, priceUsd: 100 * (1 + displacement), exogenousUsd: 100 },
    displacement,
  })),
  minutes: Array.from({ length: STEPS }, (_, minute) => {
    return { timeMs: minute * 60_000, notionalUsd: minute };
  }),
});

const switchesOf = ({ throttle, buffer }: Pick<ComparedRun, 'throttle' | 'buffer'>) =>
  `${throttle}/${buffer}`;

describe('the runs of a comparison', () => {
  it.each([
    ['standard', 'standard', ['none/none', 'standard/none']],
    ['standard', 'none', ['none/none', 'standard/standard']],
    ['none', 'none', ['standard/none', 'standard/standard']],
    ['none', 'standard', ['none/none', 'standard/none', 'standard/standard']],
  ])('beside a main run with throttle %s and buffer %s are %j', (throttle, buffer, others) => {
    const options = parseDemoOptions(['--throttle', throttle, '--buffer', buffer, '--seed', '9']);
    expect(otherRuns(options).map(switchesOf)).toEqual(others);
    for (const { seed } of otherRuns(options)) expect(seed).toBe(9);
  });

  it('are ordered by how much they limit a cascade, with any other run last', () => {
    const runs = [runOf('none', 'standard'), runOf('standard', 'standard'), runOf('none', 'none')];
    expect(inOrder(runs).map(switchesOf)).toEqual([
      'none/none',
      'standard/standard',
      'none/standard',
    ]);
  });

  it('have one column of figures each', () => {
    const rows = comparisonRows([runOf('none', 'none').figures, runOf('none', 'none').figures]);
    expect(rows).toContainEqual(['Bad debt, USD', '1,235', '1,235']);
    expect(rows).toContainEqual(['Largest price impact on BTC', '−2 %', '−2 %']);
    expect(rows).toContainEqual(['Lowest BTC price, USD', '5,001', '5,001']);
  });
});

describe('the report section on the cascade', () => {
  it('states for each run how far it pushed the price', () => {
    const runs = [runOf('none', 'none', -0.05), runOf('standard', 'standard', -0.01)];
    const { charts = [], tables = [] } = cascadeSection(runs);
    expect(charts.map(({ reading }) => reading)).toEqual([
      'Lowest price in this period: 95 USD at 00:00 (none/none); 99 USD at 00:00 (standard/standard).',
      'Most in one minute: 4 USD (none/none); 4 USD (standard/standard).',
      'Largest impact: −5 %, with fills in 4 minutes (none/none); −1 %, with fills in 4 minutes (standard/standard).',
    ]);
    expect(tables[0]?.head).toEqual(['', 'none/none', 'standard/standard', 'What it is']);
  });
});

describe('the sentence about a comparison', () => {
  const withDebt = (label: string, badDebt: string, displacement: number) => {
    const run = runOf('none', 'none', displacement);
    return { label, figures: { ...run.figures, badDebt } };
  };

  it.each([
    ['1000', '20 USD with “b”, 980 USD less than with “a”'],
    ['5', '20 USD with “b”, 15 USD more than with “a”'],
    ['20.2', '20 USD with “b” and with “a”'],
  ])('compares the first run, with a bad debt of %s, and the last', (before, told) => {
    const runs = [withDebt('a', before, -0.1), withDebt('b', '20', -0.04)];
    expect(comparisonSentence(runs)).toBe(
      `The bad debt is ${told}; the largest price impact on BTC is −4 % instead of −10 %.`,
    );
  });
});

describe('the switches for throttle and buffer', () => {
  it.each(['standard', 'none'] as const)('set to %s are in the policy', (word) => {
    const rows = demoMarketRows({ ...STANDARD_MARKET, throttle: word, buffer: word });
    const policy = rows.find(({ kind }) => kind === 'policy');
    expect(policy).toMatchObject({ liquidationThrottle: word, latencyBuffer: word });
  });
});
