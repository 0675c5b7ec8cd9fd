import { describe, expect, it } from 'vitest';
import { assessAccount, screenAccount } from '../../../lambda/accounts/assess-account.ts';
import { renderOutcome } from '../../../lambda/record/render.ts';
import { NOW, snapshotOf } from '../margin/build.ts';

const option = {
  type: 'option',
  underlying: 'BTC-USD',
  markFeed: 'PUT',
  settlementAsset: 'USD',
  riskClass: 'BTC',
  strike: '55000',
  optionType: 'put',
  expiresAt: String(NOW + 15 * 86_400_000),
};
const charges = { initial: { rate: '0.15' }, maintenance: { rate: '0.09' } };

/** At some of these rates the option has a value, and the account no figures. */
const snapshotAt = (rate: string) =>
  snapshotOf({
    instruments: { PUT: option },
    risk: { BTC: { volatility: '0.6', rate, optionRule: { shortCall: charges } } },
    quotes: { 'BTC-USD#a': { price: '60000' }, 'PUT#a': { impliedVolatility: '0.65' } },
  });

const account = {
  accountId: 'a',
  rows: [
    { accountId: 'a', item: 'balance#USD', asset: 'USD', amount: '50000' },
    {
      accountId: 'a',
      item: 'position#PUT',
      instrument: 'PUT',
      quantity: '-3',
      entryPrice: '1500',
    },
  ],
};

const RATES = Array.from({ length: 61 }, (_, step) => String(-18_000 + 600 * step));

describe('an account at a rate of any size', () => {
  const reasons = RATES.flatMap((rate) => {
    const snapshot = snapshotAt(rate);
    screenAccount(account, snapshot);
    return assessAccount(account, snapshot).flatMap((assessed) => {
      renderOutcome(assessed);
      const { certainty } = assessed.outcome;
      return certainty === 'indeterminate' ? assessed.outcome.reasons : [];
    });
  });

  it('is assessed where it has figures', () => {
    const [assessed] = assessAccount(account, snapshotAt('0'));
    expect(assessed?.outcome).toMatchObject({ certainty: 'certain', level: 'healthy' });
  });

  it('is indeterminate where it has none, and says where to look', () => {
    const own = reasons.filter(({ subject }) => subject === 'a');
    expect(own.length).toBeGreaterThan(0);
    for (const { code, detail } of own) {
      expect(code).toBe('not-computable');
      expect(detail).toMatch(/^a cannot be computed: .+\. Check its rows, and the rows of /);
    }
  });

  it('names the instrument that has no terms', () => {
    expect(reasons.map(({ subject }) => subject)).toContain('PUT');
  });
});

describe('an account with an unreadable row', () => {
  const snapshot = snapshotOf({
    instruments: {
      PERP: { type: 'perpetual', underlying: 'BTC-USD', settlementAsset: 'USD', riskClass: 'BTC' },
    },
    risk: {
      BTC: { volatility: '0.6', margin: { type: 'flat', initial: '0.1', maintenance: '0.05' } },
    },
    quotes: { 'BTC-USD#a': { price: '60000' } },
  });
  const position = (label: string, more: Readonly<Record<string, unknown>> = {}) => ({
    accountId: 'b',
    item: `position#PERP${label}`,
    instrument: 'PERP',
    quantity: '1',
    entryPrice: '60000',
    ...more,
  });
  const cash = { accountId: 'b', item: 'balance#USD', asset: 'USD', amount: '5000' };
  const levels = (...rows: Readonly<Record<string, unknown>>[]) =>
    assessAccount({ accountId: 'b', rows }, snapshot).map(({ name, outcome }) => {
      const level = outcome.certainty === 'indeterminate' ? outcome.certainty : outcome.level;
      return `${name} ${level}`;
    });

  it.each([
    ['of an isolated position', cash, { quantity: 'x' }, ['b healthy', 'b#PERP#iso indeterminate']],
    ['of the cross book', { ...cash, amount: 'x' }, {}, ['b indeterminate', 'b#PERP#iso healthy']],
  ])('knows the other part: %s', (_, balance, more, expected) => {
    const isolated = position('#iso', { isolatedMargin: '9000', ...more });
    expect(levels(balance, isolated)).toEqual(expected);
  });

  it('keeps the case of an isolated position whose row is unreadable', () => {
    const rows = [cash, position('#iso', { isolatedMargin: '9000', entryPrice: 'x' })];
    const assessed = assessAccount({ accountId: 'b', rows }, snapshot, ['PERP#iso']);
    expect(assessed.map(({ name }) => name)).toEqual(['b', 'b#PERP#iso']);
    expect(assessed[1]?.outcome.certainty).toBe('indeterminate');
  });

  it.each(['position', 'position#', 'position#PERP#a#b', 'position#PERP#\u0000'])(
    'counts a row whose key can name no position to the cross book: %j',
    (item) => {
      const row = { ...position('', { isolatedMargin: '9000' }), item };
      expect(levels(cash, row)).toEqual(['b indeterminate']);
    },
  );

  it.each([
    ['profile', { item: 'profile', marginModel: 'none' }],
    ['unknown kind', { item: 'positions#PERP' }],
  ])('knows nothing if it may change every part: %s', (_, row) => {
    const isolated = position('#iso', { isolatedMargin: '9000' });
    expect(levels(cash, isolated, { accountId: 'b', ...row })).toEqual(['b indeterminate']);
  });

  it('is not cleared by the screening', () => {
    const rows = [cash, position('#iso', { isolatedMargin: '9000', quantity: 'x' })];
    expect(screenAccount({ accountId: 'b', rows }, snapshot)).toBe('other');
  });
});
