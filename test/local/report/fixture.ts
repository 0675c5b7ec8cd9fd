import { overshootQuantile } from '../../../local/analysis/overshoot/stationary.ts';
import { badDebtByMove } from '../../../local/report/charts/bad-debt-by-move.ts';
import { bars } from '../../../local/report/charts/bars.ts';
import { exceedancesOverTime } from '../../../local/report/charts/exceedances-over-time.ts';
import { frontier } from '../../../local/report/charts/frontier.ts';
import { lines } from '../../../local/report/charts/lines.ts';
import { overshootDistribution } from '../../../local/report/charts/overshoot-distribution.ts';
import { type PricePathInput, pricePath } from '../../../local/report/charts/price-path.ts';
import { surplusOverTime } from '../../../local/report/charts/surplus-over-time.ts';
import type { Chart, Report } from '../../../local/report/report.ts';

/** An account id with everything that could break a page. */
export const HOSTILE_NAME = '<script>alert("1")</script> & \'é\u202Egnp\u0000';

const FROM_MS = Date.UTC(2020, 2, 12);
const MINUTES = 360;

const minutes = Array.from({ length: MINUTES }, (_, minute) => ({
  minute,
  timeMs: FROM_MS + minute * 60_000,
  wave: Math.sin(minute / 25) + Math.sin(minute / 7) / 4,
}));

const prices = minutes.map(({ timeMs, minute, wave }) => ({
  timeMs,
  priceUsd: 7_900 - minute * 5 + wave * 90,
}));

const PRICE_EVENTS = minutes.flatMap(({ timeMs, minute }): PricePathInput['events'] => {
  if (minute % 3 === 0 && minute > 100) return [{ timeMs, kind: 'call' }];
  if (minute % 10 === 1 && minute > 180) return [{ timeMs, kind: 'liquidation' }];
  return minute % 90 === 89 ? [{ timeMs, kind: 'deficit' }] : [];
});

const surplus = minutes.map(({ timeMs, minute, wave }) => {
  const pointUsd = minute > 40 && minute < 50 ? Number.NaN : 30_000 - minute * 120 + wave * 3_000;
  return {
    timeMs,
    lowUsd: pointUsd - 1_500,
    pointUsd,
    highUsd: pointUsd + 1_500,
    callLineUsd: 4_000,
    restoreLineUsd: 9_000,
  };
});

/** The theoretical distribution, except for the last value. */
const overshoots = [
  ...Array.from({ length: 199 }, (_, index) => overshootQuantile((index + 0.5) / 199)),
  3.4,
];

const losses = overshoots.map((each, index) => ({
  timeMs: FROM_MS + ((index * 37) % 200) * 3 * 3_600_000,
  lossBasisPoints: each * 13,
  bufferBasisPoints: index % 9 === 0 ? 32 : 27,
}));

const SETTINGS = [
  { label: '15 s', cost: 41_200, badDebt: 0.21 },
  { label: '30 s', cost: 21_900, badDebt: 0.29 },
  { label: '60 s', cost: 12_400, badDebt: 0.44 },
  { label: '120 s', cost: 8_300, badDebt: 0.83 },
  { label: '300 s', cost: 6_100, badDebt: 2.13 },
];

/** Two lines with kinks: accounts begin to owe at −16 % and at +32 %. */
const STRESS = Array.from({ length: 51 }, (_, index) => (index - 25) / 50).map((move) => ({
  move,
  badDebt: Math.max(0, -0.16 - move) * 4_000_000 + Math.max(0, move - 0.32) * 2_000_000,
}));

export const FIXTURE_CHARTS: readonly Chart[] = [
  pricePath({ feed: 'BTC-USD', prices, events: PRICE_EVENTS }),
  surplusOverTime({
    accountId: HOSTILE_NAME,
    story: 'called, cured, called again and liquidated',
    points: surplus,
    events: [
      { timeMs: minutes[120]?.timeMs ?? 0, kind: 'call' },
      { timeMs: minutes[160]?.timeMs ?? 0, kind: 'cure' },
      { timeMs: minutes[230]?.timeMs ?? 0, kind: 'liquidation' },
      { timeMs: minutes[330]?.timeMs ?? 0, kind: 'deficit' },
    ],
  }),
  overshootDistribution({
    noun: 'breach',
    overshootsDeviations: overshoots,
    bufferDeviations: 2.4,
  }),
  frontier({
    cost: { name: 'Cost a month', unit: 'USD' },
    badDebt: { name: 'Bad debt', unit: 'bp' },
    points: SETTINGS,
    recommended: '60 s',
  }),
  exceedancesOverTime({ losses, confidence: 0.99 }),
  badDebtByMove({
    title: 'Bad debt by the move of all prices',
    reading: '1,360,000 USD at −50 %, 0 USD at 0 %, 360,000 USD at +50 %.',
    measure: { name: 'Bad debt', unit: 'USD' },
    curve: STRESS,
    marked: STRESS.filter(({ move }) => (move * 10) % 1 === 0),
    fund: 500_000,
  }),
  bars({
    title: 'Bad debt by interval',
    reading:
      'Twice the interval costs about twice the bad debt: 0.44 bp at 60 s, 0.83 bp at 120 s.',
    measure: { name: 'Bad debt', unit: 'bp' },
    bars: [
      ...SETTINGS.map(({ label, badDebt }) => ({
        label,
        value: badDebt,
        isMarked: label === '60 s',
      })),
      { label: HOSTILE_NAME, value: 1 },
    ],
  }),
  lines({
    title: 'Volatility, measured and used',
    reading: 'It rose from 60 % to 190 %; the margin used at most 150 %.',
    measure: { name: 'Volatility', unit: '%' },
    lines: [60, 70, 85, 100].map((level, index) => ({
      label: `measure ${index + 1}`,
      points: minutes.map(({ timeMs, minute, wave }) => ({
        timeMs,
        value: level + minute / 4 + wave * (9 - index * 2),
      })),
    })),
  }),
];

export const FIXTURE_REPORT: Report = {
  title: 'Every chart, from made-up figures',
  verdict: { tone: 'caution', text: HOSTILE_NAME },
  lead: 'One of each builder, to see that they draw what they are given.',
  facts: [
    { label: 'Accounts', value: '1,234' },
    { label: 'Ordered', value: '34,563,246 USD', note: 'of 98,111,222 USD' },
    { label: HOSTILE_NAME, value: HOSTILE_NAME, note: HOSTILE_NAME },
  ],
  sections: [
    { title: 'Charts', prose: ['What each shows is said above it.'], charts: FIXTURE_CHARTS },
    {
      title: `Tables of ${HOSTILE_NAME}`,
      prose: [`About ${HOSTILE_NAME}.`],
      tables: [
        { caption: 'Empty', head: ['Account', 'USD'], rows: [] },
        {
          caption: HOSTILE_NAME,
          head: ['Account', 'Shortfall, USD', HOSTILE_NAME],
          rows: [[HOSTILE_NAME, '1,234', HOSTILE_NAME]],
          wordColumns: [2],
        },
        {
          caption: 'Long',
          head: ['Account', 'USD'],
          rows: Array.from({ length: 344 }, (_, index) => [
            `account-${index}`,
            String(344 - index),
          ]),
        },
      ],
    },
  ],
};
