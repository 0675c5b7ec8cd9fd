/**
 * `npm run bench:portfolio` runs this, too: one account of forty options in ten expiries on Derive's
 * second model. CPU time of its check, of its safe radius and of its liquidation prices, each anew.
 */
import Table from 'cli-table3';
import { assessAccount } from '../../lambda/accounts/assess-account.ts';
import { overMaintenance } from '../../lambda/margin/assess/formulas.ts';
import { buildBook } from '../../lambda/margin/book/build-book.ts';
import { parseExactJson } from '../../lambda/rows/numeral.ts';
import { readDocument, snapshotOf } from '../analysis/document.ts';
import { liquidationMultiples } from '../analysis/liquidation-price.ts';
import { safeRadius } from '../analysis/safe-radius.ts';
import { median } from './median.ts';

const RUNS = 15;
const AT = Date.UTC(2026, 0, 15, 12);
const DAYS = [1, 3, 7, 14, 30, 45, 60, 120, 180, 300];
const STRIKES = ['50000', '60000', '65000', '75000'];
const COMMON = { underlying: 'BTC-USD', settlementAsset: 'USD', riskClass: 'BTC' };

const options = DAYS.flatMap((days) => STRIKES.map((strike) => ({ days, strike }))).map(
  ({ days, strike }, index) => ({
    id: `OPTION-${index}`,
    row: {
      ...{ type: 'option', optionType: index % 3 === 0 ? 'put' : 'call', strike, ...COMMON },
      ...{ expiresAt: String(AT + days * 86_400_000), markFeed: `OPTION-${index}` },
    },
    quantity: String(((index * 7) % 11) - 5.5),
    volatility: (0.5 + index / 200).toFixed(3),
  }),
);

const quote = (feed: string, row: object) => ({
  ...{ feed, source: 'venue', publishedAt: String(AT) },
  ...row,
});

const DOCUMENT = {
  asOf: String(AT),
  policy: {},
  assets: { BTC: { feed: 'BTC-USD' } },
  risk: { BTC: { volatility: '0.6', rate: '0.05', venue: 'derive-pmrm-v2' } },
  instruments: {
    PERP: { type: 'perpetual', ...COMMON },
    ...Object.fromEntries(options.map(({ id, row }) => [id, row])),
  },
  quotes: [
    quote('BTC-USD', { price: '60000' }),
    ...options.map(({ id, volatility }) => quote(id, { impliedVolatility: volatility })),
  ],
  accounts: [
    {
      accountId: 'trader',
      profile: { marginModel: 'portfolio' },
      balances: [
        { asset: 'USD', amount: '400000' },
        { asset: 'BTC', amount: '2' },
      ],
      positions: [
        { instrument: 'PERP', quantity: '-2', entryPrice: '60000' },
        ...options.map(({ id, quantity }) => ({ instrument: id, quantity, entryPrice: '1000' })),
      ],
    },
  ],
};

const times = { check: [] as number[], radius: [] as number[], prices: [] as number[] };

function timed<T>(name: keyof typeof times, job: () => T): T {
  const start = process.threadCpuUsage();
  const result = job();
  const { user, system } = process.threadCpuUsage(start);
  times[name].push((user + system) / 1000);
  return result;
}

const evidence = readDocument(parseExactJson(JSON.stringify(DOCUMENT)));
const [account] = evidence.accounts;
if (account === undefined) throw new Error('the document has an account');

for (let run = 0; run < RUNS; run++) {
  const found = timed('check', () => {
    const { snapshot } = snapshotOf(evidence);
    return { snapshot, assessed: assessAccount(account, snapshot)[0] };
  });
  const { snapshot, assessed } = found;
  if (assessed?.subAccount === undefined || assessed.outcome.certainty === 'indeterminate') {
    throw new Error(JSON.stringify(assessed?.outcome));
  }
  const { subAccount, outcome } = assessed;
  const formula = overMaintenance(snapshot.policy.liquidationMultiplier);
  const bookOf = () => {
    const built = buildBook(subAccount, snapshot);
    if (!built.ok) throw new Error(built.reasons[0]?.detail);
    return built.book;
  };
  const [first, second] = [bookOf(), bookOf()];
  timed('radius', () => safeRadius(first, formula));
  timed('prices', () => liquidationMultiples(second, outcome.surplus.liquidation.point, formula));
}

const table = new Table({ colAligns: ['left', 'right'], style: { head: [], border: [] } });
table.push(
  ['forty options in ten expiries: market compiled and account assessed, ms', text('check')],
  ['its safe radius, ms', text('radius')],
  ['its liquidation prices, ms', text('prices')],
);
process.stdout.write(`${table.toString()}\n`);

function text(name: keyof typeof times): string {
  return median(times[name]).toFixed(1);
}
