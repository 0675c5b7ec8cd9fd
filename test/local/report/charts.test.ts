import { describe, expect, it } from 'vitest';
import { badDebtByMove } from '../../../local/report/charts/bad-debt-by-move.ts';
import { bars } from '../../../local/report/charts/bars.ts';
import { exceedancesOverTime } from '../../../local/report/charts/exceedances-over-time.ts';
import { frontier } from '../../../local/report/charts/frontier.ts';
import { lines } from '../../../local/report/charts/lines.ts';
import { overshootDistribution } from '../../../local/report/charts/overshoot-distribution.ts';
import { pricePath } from '../../../local/report/charts/price-path.ts';
import { surplusOverTime } from '../../../local/report/charts/surplus-over-time.ts';
import { draw, FRAMES } from '../../../local/report/draw.ts';
import { renderReport } from '../../../local/report/render-report.ts';
import type { Chart } from '../../../local/report/report.ts';
import { FIXTURE_CHARTS } from './fixture.ts';

const drawingOf = ({ plot }: Chart) => {
  if (plot === undefined) throw new Error('there is no drawing');
  return draw(plot(FRAMES.wide)).content;
};
const TIME_MS = Date.UTC(2020, 2, 12, 10, 42);
const cost = { name: 'Cost', unit: 'USD' } as const;
const badDebt = { name: 'Bad debt', unit: 'bp' } as const;

const EMPTY: readonly (readonly [name: string, chart: Chart, reading: RegExp])[] = [
  ['prices', pricePath({ feed: 'X-USD', prices: [], events: [] }), /No price of X-USD/],
  ['surplus', surplusOverTime({ accountId: 'a', story: 's', points: [], events: [] }), /unknown/],
  ['overshoots', overshootDistribution({ noun: 'breach', overshootsDeviations: [] }), /no breach/],
  ['settings', frontier({ cost, badDebt, points: [], recommended: '60 s' }), /60 s/],
  ['losses', exceedancesOverTime({ losses: [], confidence: 0.99 }), /no loss/],
  [
    'moves',
    badDebtByMove({ title: 't', reading: 'No price moves.', measure: cost, curve: [], marked: [] }),
    /No price moves/,
  ],
  ['bars', bars({ title: 't', reading: 'r', measure: cost, bars: [] }), /nothing to compare/],
  ['lines', lines({ title: 't', reading: 'r', measure: cost, lines: [] }), /Nothing was recorded/],
];

describe('a chart without data', () => {
  it.each(EMPTY)('says so and draws nothing for %s', (_name, chart, reading) => {
    expect(chart.plot).toBeUndefined();
    expect(chart.reading).toMatch(reading);
    const sections = [{ title: 'Section', prose: [], charts: [chart] }];
    const page = renderReport({
      title: 'Page',
      verdict: { tone: 'good', text: 'Yes.' },
      lead: '',
      facts: [],
      sections,
    });
    expect(page).toMatch(/<figure class="empty">/);
    expect(page).not.toContain('<svg');
  });
});

describe('a chart with data', () => {
  it.each(FIXTURE_CHARTS.map((chart) => [chart.title, chart] as const))(
    'draws marks: %s',
    (_, chart) => {
      const marks = /aria-label="(line|dot|bar|rect)"[^>]*><(path|circle|rect)/g;
      expect(drawingOf(chart).match(marks)?.length).toBeGreaterThan(0);
    },
  );

  it.each(FIXTURE_CHARTS.map((chart) => [chart.title, chart] as const))(
    'has a reading with a number, as one sentence: %s',
    (_, { reading }) => {
      expect(reading).toMatch(/\d/);
      expect(reading).toMatch(/^[^a-z].*\.$/);
    },
  );
});

describe('the reading of a chart', () => {
  it('names the first, last and lowest price', () => {
    const prices = [7_900, 4_600.4, 4_830].map((priceUsd, index) => {
      return { timeMs: TIME_MS + index * 60_000, priceUsd };
    });
    const events = [{ timeMs: TIME_MS, kind: 'call' as const }];
    expect(pricePath({ feed: 'BTC-USD', prices, events }).reading).toBe(
      'BTC-USD went from 7,900 USD to 4,830 USD, with a low of 4,600 USD at 10:43 UTC; ' +
        'there were 1 margin call, 0 order plans and 0 deficits.',
    );
  });

  it('counts a loss equal to its buffer as within, and one above as beyond', () => {
    const loss = (lossBasisPoints: number) => ({
      timeMs: TIME_MS,
      lossBasisPoints,
      bufferBasisPoints: 30,
    });
    const losses = [loss(29.9), loss(30), loss(30.1), loss(12)];
    expect(exceedancesOverTime({ losses, confidence: 0.75 }).reading).toBe(
      '1 of 4 losses (25 %) went beyond the buffer; at 75 % confidence 1 would be expected ' +
        '(Kupiec’s test: p = 1.000).',
    );
  });

  it('compares the mean and the tail of the overshoots with theory', () => {
    const chart = overshootDistribution({ noun: 'breach', overshootsDeviations: [0.25, 0.75] });
    expect(chart.reading).toContain('mean breach was 0.5 beyond the line (theory: 0.583)');
    expect(chart.reading).toContain('99 % were within 0.75 (theory: 2.18)');
  });

  it('names the recommended settings, and the figures of the cheapest and the safest', () => {
    const points = [
      { label: '15 s', cost: 400, badDebt: 0.1 },
      { label: '60 s', cost: 200, badDebt: 0.4 },
      { label: '300 s', cost: 100, badDebt: 2 },
    ];
    const chart = frontier({ cost, badDebt, points, recommended: '60 s' });
    expect(chart.reading).toBe(
      '60 s has 0.4 bp of bad debt at a cost of 200 USD; ' +
        'the cheapest, 300 s, has 2 bp of bad debt at a cost of 100 USD; ' +
        'the safest, 15 s, has 0.1 bp of bad debt at a cost of 400 USD.',
    );
    expect(drawingOf(chart)).toContain('>60 s</text>');
  });
});

describe('an axis', () => {
  const lossOf = (lossBasisPoints: number) => {
    return { timeMs: TIME_MS, lossBasisPoints, bufferBasisPoints: 30 };
  };

  it('of losses ends at three buffers, and the reading tells of what lies above', () => {
    const chart = exceedancesOverTime({ losses: [20, 31, 800].map(lossOf), confidence: 0.99 });
    expect(chart.reading).toMatch(/; 1 loss lies above the chart, up to 800 bp\.$/);
    expect(chart.legend.map(({ label }) => label)).toContain('exceedance above the chart');
    expect(drawingOf(chart)).not.toContain('>800</text>');
  });

  it('of losses ends at the largest if none is far', () => {
    const chart = exceedancesOverTime({ losses: [20, 31, 60].map(lossOf), confidence: 0.99 });
    expect(chart.reading).not.toContain('above the chart');
  });

  it('of overshoots is not stretched by a single one', () => {
    const overshootsDeviations = [...Array<number>(99).fill(1), 109];
    const { reading } = overshootDistribution({ noun: 'breach', overshootsDeviations });
    expect(reading).toMatch(/; the last bar also holds 1 from beyond 4\.$/);
  });
});

describe('the bars of the overshoot distribution', () => {
  it('have an area of 1', () => {
    const overshootsDeviations = [0.1, 0.2, 0.2, 1, 2.9, 7];
    const content = drawingOf(overshootDistribution({ noun: 'breach', overshootsDeviations }));
    const rect = /<rect [^>]*?height="([\d.]+)"[^>]*?width="([\d.]+)"/g;
    const area = [...content.matchAll(rect)].reduce((sum, [, height, width]) => {
      return sum + Number(height) * Number(width);
    }, 0);
    const [, top] = content.match(/translate\(58,([\d.]+)\)" y="0.32em">0.2</) ?? [];
    const [, bottom] = content.match(/translate\(58,([\d.]+)\)" y="0.32em">0</) ?? [];
    const unit = (Number(bottom) - Number(top)) / 0.2;
    const reach = 8;
    expect(area / unit / ((880 - 58 - 20) / reach)).toBeCloseTo(1, 1);
  });
});

describe('a line chart', () => {
  it('has at most four lines', () => {
    const line = { label: 'a', points: [] };
    const five = { title: 't', reading: 'r', measure: cost, lines: Array(5).fill(line) };
    expect(() => lines(five)).toThrow(/at most 4 lines, not 5/);
  });
});
