import { expect, it } from 'vitest';
import { exceedancesOverTime } from '../../../local/report/charts/exceedances-over-time.ts';
import { lines } from '../../../local/report/charts/lines.ts';
import { pricePath } from '../../../local/report/charts/price-path.ts';
import { surplusOverTime } from '../../../local/report/charts/surplus-over-time.ts';
import { renderReport } from '../../../local/report/render-report.ts';

const BYTES_MAX = 2_000_000;
const DAY_MS = Date.UTC(2020, 2, 12);

/** As jagged as possible, so that no point resembles the one before. */
const minutes = Array.from({ length: 1440 }, (_, minute) => ({
  timeMs: DAY_MS + minute * 60_000,
  value: 1e6 * Math.sin(minute * minute),
}));

it('the report on a day of one check a minute, with thousands of marks, is below 2 MB', () => {
  const points = minutes.map(({ timeMs, value }) => ({
    timeMs,
    lowUsd: value - 1234.5,
    pointUsd: value,
    highUsd: value + 2345.6,
    callLineUsd: value / 3,
    restoreLineUsd: value / 2,
  }));
  const prices = minutes.map(({ timeMs, value }) => ({ timeMs, priceUsd: value }));
  const calls = minutes.map(({ timeMs }) => ({ timeMs, kind: 'call' as const }));
  const levels = { name: 'Accounts', unit: '' } as const;
  const charts = [
    pricePath({ feed: 'BTC-USD', prices, events: calls }),
    lines({
      title: 'Levels',
      reading: 'Many of 3 kinds.',
      measure: levels,
      lines: ['a', 'b', 'c'].map((label) => ({ label, points: minutes })),
    }),
    ...['one', 'two', 'three', 'four'].map((accountId) =>
      surplusOverTime({ accountId, story: 'jagged', points, events: [] }),
    ),
    exceedancesOverTime({
      confidence: 0.99,
      losses: minutes.map(({ timeMs, value }) => ({
        timeMs,
        lossBasisPoints: Math.abs(value) / 1e4,
        bufferBasisPoints: 50,
      })),
    }),
  ];
  const sections = [{ title: 'A day', prose: [], charts }];
  const page = renderReport({
    title: 'A day',
    verdict: { tone: 'good', text: 'Yes.' },
    lead: '',
    facts: [],
    sections,
  });
  expect(Buffer.byteLength(page)).toBeGreaterThan(200_000);
  expect(Buffer.byteLength(page)).toBeLessThan(BYTES_MAX);
});
