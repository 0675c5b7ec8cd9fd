/**
 * `npm run bench:portfolio`: option portfolios of 20 legs under 33 scenario cells, on one core.
 * Scenario vectors are computed once per instrument and summed by weight per account: in float64,
 * and in exact decimals, which a check needs only for accounts that float64 does not find safe. The
 * comparison revalues every leg in every cell. Runs alternate, as a busy machine slows both.
 */
import Table from 'cli-table3';
import { isSafe } from '../../lambda/margin/assess/assess.ts';
import { buildBook } from '../../lambda/margin/book/build-book.ts';
import {
  approximately,
  NO_AMOUNT,
  NO_QUANTITY,
  price,
  quantity,
} from '../../lambda/margin/number/decimal.ts';
import { optionValue } from '../../lambda/margin/option/black76.ts';
import type { HeldOption } from '../../lambda/margin/portfolio/holdings.ts';
import { PortfolioPart } from '../../lambda/margin/portfolio/portfolio-part.ts';
import type { OptionTerms } from '../../lambda/margin/snapshot/instrument-terms.ts';
import { type Snapshot, takeSnapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import { readMarket } from '../../lambda/rows/read-market.ts';
import { randomStream } from '../analysis/random.ts';
import type { MarketRow } from '../aws/rows.ts';
import { median } from './median.ts';

const INSTRUMENTS = 2_000;
const LEGS = 20;
const ACCOUNTS = 5_000;
const RUNS = 5;
const START = Date.UTC(2026, 0, 15, 12);
const DAY_MS = 86_400_000;
const SPOT = 60_000;

const SCENARIOS = Array.from({ length: 11 }, (_, step) => 1 + (step - 5) * 0.03).flatMap((move) =>
  ['up', 'none', 'down'].map((vol) => ({ priceMultiplier: move.toFixed(2), vol })),
);

function marketRows(): MarketRow[] {
  const expiries = [1, 3, 7, 14, 30, 60, 120, 240];
  const strikes = INSTRUMENTS / expiries.length / 2;
  const instruments = expiries.flatMap((days) =>
    Array.from({ length: strikes }, (_, step) =>
      Math.round(SPOT * (0.4 + (1.6 * step) / strikes)),
    ).flatMap((strike) => ['call', 'put'].map((optionType) => ({ days, strike, optionType }))),
  );
  return [
    { kind: 'policy', id: 'default' },
    {
      kind: 'risk',
      id: 'BTC',
      volatility: '0.6',
      portfolio: {
        scenarios: SCENARIOS,
        volShock: { up: '0.5', down: '0.3', power: '0.3', longPower: '0.13' },
        maintenanceFactor: '0.8',
        nakedShortCharge: { initial: '0.005', maintenance: '0.003' },
      },
    },
    ...instruments.flatMap(({ days, strike, optionType }, index) => [
      {
        kind: 'instrument',
        id: `OPTION-${index}`,
        type: 'option',
        underlying: 'BTC-USD',
        settlementAsset: 'USD',
        riskClass: 'BTC',
        markFeed: `OPTION-${index}`,
        strike: String(strike),
        optionType,
        expiresAt: String(START + days * DAY_MS),
      },
      {
        kind: 'quote',
        id: `OPTION-${index}#venue`,
        impliedVolatility: (0.5 + (index % 40) / 100).toFixed(2),
        publishedAt: String(START),
      },
    ]),
    { kind: 'quote', id: 'BTC-USD#venue', price: String(SPOT), publishedAt: String(START) },
  ];
}

const { market, faults } = readMarket(marketRows());
if (faults.length > 0) throw new Error(faults[0]?.detail);

const newSnapshot = (): Snapshot =>
  takeSnapshot({ market, asOf: START, gapSeconds: 60, previousPrices: new Map() });

function optionsOf(snapshot: Snapshot): OptionTerms[] {
  return [...snapshot.instruments.values()].map((terms) => {
    if (terms.ok && terms.value.kind === 'option') return terms.value;
    throw new Error(terms.ok ? `${terms.value.instrument} is no option` : terms.reason.detail);
  });
}

interface BenchOption extends HeldOption {
  readonly terms: OptionTerms;
}

function portfolioOf(options: readonly OptionTerms[], index: number): BenchOption[] {
  const random = randomStream(index, 'portfolio');
  return Array.from({ length: LEGS }, () => ({
    terms: options[random.wholeBetween(0, INSTRUMENTS - 1)] as OptionTerms,
    quantity: quantity((random.wholeBetween(1, 60) / 10 - 3.05).toFixed(2)),
    openBuyQuantity: NO_QUANTITY,
    openSellQuantity: NO_QUANTITY,
  }));
}

function cpuSeconds(job: () => void): number {
  const start = process.threadCpuUsage();
  job();
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1e6;
}

function makeVectors(snapshot: Snapshot): void {
  for (const { scan, quoted } of optionsOf(snapshot)) {
    if (scan === undefined || quoted.factor.grid === undefined) throw new Error('no vectors');
    scan.vectorOver(quoted.factor.grid);
  }
}

function partsOf(portfolios: readonly BenchOption[][], use: (part: PortfolioPart) => void): void {
  for (const options of portfolios) {
    const [first] = options;
    const grid = first?.terms.quoted.factor.grid;
    if (first === undefined || grid === undefined) throw new Error('an empty portfolio');
    const { ofClass } = first.terms;
    use(
      new PortfolioPart({
        ofClass,
        grid,
        linears: [],
        options,
        coin: NO_AMOUNT,
        ownPricedCoin: NO_AMOUNT,
      }),
    );
  }
}

/** Without vectors, for this account alone. */
function revalue(options: readonly BenchOption[]): number {
  let worst = 0;
  const cells = options[0]?.terms.ofClass.portfolio?.cells ?? [];
  const legs = options.map(({ terms, quantity: held }) => {
    return { input: terms.option.input, units: approximately(held) };
  });
  for (const cell of cells) {
    let value = 0;
    for (const { input, units } of legs) {
      const up = cell.vol === 'up' ? 1.3 : 1;
      const volatility = input.volatility * (cell.vol === 'down' ? 0.8 : up);
      const priced = optionValue(
        { type: input.type, strike: input.strike, yearsToExpiry: input.years },
        { forward: input.forward * cell.multiplier, volatility, discount: 1 },
      );
      value += units * priced;
    }
    worst = Math.min(worst, value);
  }
  return worst;
}

/** From positions to the result that the account is safe, as in a check. */
function screen(snapshot: Snapshot, portfolios: readonly BenchOption[][]): void {
  for (const [index, options] of portfolios.entries()) {
    const account = {
      accountId: `account-${index}`,
      marginModel: 'portfolio' as const,
      balances: [{ asset: 'USD', amount: quantity('10000000') }],
      positions: options.map(({ terms, quantity: held }, leg) => ({
        instrument: terms.instrument,
        label: String(leg),
        quantity: held,
        entryPrice: price('1'),
        openBuyQuantity: NO_QUANTITY,
        openSellQuantity: NO_QUANTITY,
        openOrderCount: 0,
      })),
    };
    const built = buildBook({ account, ...account }, snapshot);
    if (!built.ok) throw new Error(built.reasons[0]?.detail);
    isSafe(built.book, snapshot.policy);
  }
}

const vectorTimes: number[] = [];
const sharedTimes: number[] = [];
const exactTimes: number[] = [];
const aloneTimes: number[] = [];
const screenTimes: number[] = [];

for (let run = 0; run < RUNS; run++) {
  const snapshot = newSnapshot();
  vectorTimes.push(cpuSeconds(() => makeVectors(snapshot)));
  const options = optionsOf(snapshot);
  const portfolios = Array.from({ length: ACCOUNTS }, (_, index) => portfolioOf(options, index));
  sharedTimes.push(cpuSeconds(() => partsOf(portfolios, (part) => part.nearRequirement())));
  exactTimes.push(cpuSeconds(() => partsOf(portfolios, (part) => part.now)));
  aloneTimes.push(cpuSeconds(() => portfolios.forEach(revalue)));
  screenTimes.push(cpuSeconds(() => screen(snapshot, portfolios)));
}

const perSecond = (times: readonly number[]): string =>
  Math.round(ACCOUNTS / median(times)).toLocaleString('en-US');
const ratio = median(aloneTimes.map((alone, run) => alone / (sharedTimes[run] ?? Number.NaN)));

const table = new Table({ colAligns: ['left', 'right'], style: { head: [], border: [] } });
table.push(
  [
    `vectors of ${INSTRUMENTS} options, 33 cells at 9 prices, seconds`,
    median(vectorTimes).toFixed(2),
  ],
  [`requirements of ${LEGS} legs from vectors, accounts per second`, perSecond(sharedTimes)],
  ['the same in exact decimals, with the value', perSecond(exactTimes)],
  ['every leg revalued in every cell, per account', perSecond(aloneTimes)],
  ['revaluing ÷ vectors', ratio.toFixed(1)],
  ['book built and found safe, with price moves, accounts per second', perSecond(screenTimes)],
);
process.stdout.write(`${table.toString()}\n`);
