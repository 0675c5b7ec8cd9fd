import { describe, expect, it } from 'vitest';
import { textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { type AccountRows, assessed, type MarketRows, NOW, snapshotOf } from '../build.ts';

const EXPIRY = NOW + 30 * 86_400_000;

/**
 * Deribit’s rule: in coin, a short call requires max(0.15 − otm/S, 0.1) + mark, maintenance 0.075 +
 * mark.
 */
const DERIBIT: RawRow = {
  shortCall: {
    initial: { rate: '0.15', lessOutOfTheMoney: true, floor: '0.1' },
    maintenance: { rate: '0.075' },
  },
  shortPut: {
    initial: { rate: '0.15', lessOutOfTheMoney: true, floor: '0.1' },
    maintenance: { rate: '0.075', ofMark: '0.075' },
  },
  putInitialOverMaintenance: '1',
};

const SRM_CHARGE = { rate: '0.15', lessOutOfTheMoney: true, floor: '0.13' };
const SRM: RawRow = {
  shortCall: { initial: SRM_CHARGE, maintenance: { rate: '0.09' } },
  shortPut: { initial: SRM_CHARGE, maintenance: { rate: '0.09', ofMark: '0.09' } },
  putInitialOverMaintenance: '1.05',
  balanceValue: 'none',
};

/**
 * Reg-T: 20 % of the underlying less the out-of-the-money amount, at least 10 % (of the strike for
 * a put).
 */
const REG_T: RawRow = {
  shortCall: both({ rate: '0.2', lessOutOfTheMoney: true, floor: '0.1' }),
  shortPut: both({ rate: '0.2', lessOutOfTheMoney: true, floor: '0.1', floorOf: 'strike' }),
};

function both(charge: RawRow): RawRow {
  return { initial: charge, maintenance: charge };
}

interface Quoted {
  readonly type: 'call' | 'put';
  readonly strike: string;
  readonly mark: string;
  readonly quantity?: string;
  readonly openSellQuantity?: string;
  readonly inverse?: boolean;
  readonly contractSize?: string;
}

function marketOf(options: readonly Quoted[], optionRule: RawRow, risk: RawRow = {}): MarketRows {
  const idOf = ({ type, strike }: Quoted) => `${strike}-${type}`;
  return {
    assets: { BTC: { feed: 'BTC-USD' } },
    risk: { BTC: { volatility: '0.6', optionRule, ...risk } },
    instruments: Object.fromEntries(
      options.map((option) => [
        idOf(option),
        {
          type: 'option',
          underlying: 'BTC-USD',
          settlementAsset: option.inverse === true ? 'BTC' : 'USD',
          inverse: option.inverse === true,
          riskClass: 'BTC',
          markFeed: idOf(option),
          strike: option.strike,
          optionType: option.type,
          expiresAt: String(EXPIRY),
          contractSize: option.contractSize ?? '1',
        },
      ]),
    ),
    quotes: {
      'BTC-USD#a': { price: '60000' },
      ...Object.fromEntries(options.map((option) => [`${idOf(option)}#a`, { price: option.mark }])),
    },
  };
}

function assessedOf(options: readonly Quoted[], rule: RawRow, risk: RawRow = {}) {
  const account: AccountRows = {
    balances: [{ asset: 'USD', amount: '100000' }],
    positions: options.map(({ type, strike, quantity = '-1', openSellQuantity = '0' }) => ({
      instrument: `${strike}-${type}`,
      quantity,
      openSellQuantity,
      entryPrice: '1',
    })),
  };
  return assessed(account, snapshotOf(marketOf(options, rule, risk)));
}

function requiredOf(options: readonly Quoted[], rule: RawRow, risk: RawRow = {}) {
  const { initialRequirement, maintenanceRequirement } = assessedOf(options, rule, risk);
  return [textOf(initialRequirement), textOf(maintenanceRequirement)];
}

describe('a short call', () => {
  /** otm = 10,000 of 60,000: 0.15 − 0.1667 < 0.1, so 6,000 + 1,200; MM 4,500 + 1,200. */
  it('far out of the money requires the floor plus its mark', () => {
    const call: Quoted = { type: 'call', strike: '70000', mark: '1200' };
    expect(requiredOf([call], DERIBIT)).toEqual(['7200', '5700']);
  });

  /** otm = 1,500: 9,000 − 1,500 = 7,500, above 6,000; with the mark 9,900. MM 4,500 + 2,400. */
  it('near the money requires the rate less its out-of-the-money amount', () => {
    const call: Quoted = { type: 'call', strike: '61500', mark: '2400' };
    expect(requiredOf([call], DERIBIT)).toEqual(['9900', '6900']);
  });

  it('in the money requires the full rate: 9,000 + 6,100 and 4,500 + 6,100', () => {
    const call: Quoted = { type: 'call', strike: '55000', mark: '6100' };
    expect(requiredOf([call], DERIBIT)).toEqual(['15100', '10600']);
  });

  it('quoted in coin requires as much: 0.1 + 0.02 and 0.075 + 0.02 of 60,000', () => {
    const call: Quoted = { type: 'call', strike: '70000', mark: '0.02', inverse: true };
    expect(requiredOf([call], DERIBIT)).toEqual(['7200', '5700']);
    expect(textOf(assessedOf([call], DERIBIT).equity.point)).toBe('98800');
  });

  it('is multiplied by its quantity and its contract size', () => {
    const call: Quoted = {
      type: 'call',
      strike: '70000',
      mark: '1200',
      quantity: '-30',
      contractSize: '0.1',
    };
    expect(requiredOf([call], DERIBIT)).toEqual(['21600', '17100']);
  });

  it('counts open orders to sell as filled', () => {
    const call: Quoted = {
      type: 'call',
      strike: '70000',
      mark: '1200',
      quantity: '1',
      openSellQuantity: '3',
    };
    expect(requiredOf([call], DERIBIT)).toEqual(['14400', '11400']);
  });
});

describe('a short put', () => {
  /** MM = max(4,500, 0.075·mark) + mark; IM at least that. */
  it('deep in the money requires a share of its mark if that is more', () => {
    const put: Quoted = { type: 'put', strike: '150000', mark: '90100' };
    // max(4,500, 6,757.5) + 90,100 = 96,857.5; IM = max(9,000 + 90,100, that).
    expect(requiredOf([put], DERIBIT)).toEqual(['99100', '96857.5']);
  });

  /** MM = 5,400 + 3,000 = 8,400; IM = max(9,000 − 0 + 3,000, 1.05·8,400). */
  it('has an initial requirement of at least a multiple of its maintenance requirement', () => {
    const atTheMoney: Quoted = { type: 'put', strike: '60000', mark: '3000' };
    expect(requiredOf([atTheMoney], SRM)).toEqual(['12000', '8400']);
    // 0.13·60,000 + 80,000 = 87,800 < 1.05·(7,200 + 80,000) = 91,560. MM takes max(5,400, 7,200).
    const deep: Quoted = { type: 'put', strike: '140000', mark: '80000' };
    expect(requiredOf([deep], SRM)).toEqual(['91560', '87200']);
  });

  /** 20 % of 60,000 less 9,000 is 3,000, below 10 % of the strike, 5,100. Plus the mark: 5,600. */
  it('may have a floor relative to the strike', () => {
    const put: Quoted = { type: 'put', strike: '51000', mark: '500' };
    expect(requiredOf([put], REG_T)).toEqual(['5600', '5600']);
  });
});

describe('an option rule', () => {
  const call: Quoted = { type: 'call', strike: '70000', mark: '1200' };

  it('multiplies everything except the mark by its factor: 0.1·1.5·60,000 + 1,200', () => {
    expect(requiredOf([call], { ...DERIBIT, factor: '1.5' })).toEqual(['10200', '7950']);
  });

  /** By the rule max(0.2·60,000 − 10,000, 0.1·60,000) = 6,000, and the mark of 1,200. */
  it.each([
    ['no minimum', '0', '7200'],
    ['one below the charge', '5999.99', '7200'],
    ['one that is the charge', '6000', '7200'],
    ['one just above it', '6000.01', '7200.01'],
    ['one far above it', '25000', '26200'],
  ])('has a minimum for each unit of the underlying: %s', (_, minimum, due) => {
    const charge = { rate: '0.2', lessOutOfTheMoney: true, floor: '0.1', minimum };
    expect(requiredOf([call], { shortCall: both(charge) })).toEqual([due, due]);
  });

  /** 2,500 for a contract of 0.1: 25,000 a unit, so 0.1·(25,000 + 1,200). */
  it('has its minimum of a contract by its size, multiplied by the factor', () => {
    const small = { ...call, contractSize: '0.1' };
    const rule = { shortCall: both({ rate: '0', minimum: '25000' }) };
    expect(requiredOf([small], rule)).toEqual(['2620', '2620']);
    expect(requiredOf([small], { ...rule, factor: '2' })).toEqual(['5120', '5120']);
  });

  it('requires nothing for a long option, whose value is its limit', () => {
    const long = { ...call, quantity: '2' };
    expect(requiredOf([long], DERIBIT)).toEqual(['0', '0']);
    expect(textOf(assessedOf([long], DERIBIT).marginBalance.point)).toBe('102400');
  });

  it('decides which option values count in the margin balance, while all count in the equity', () => {
    const options = [
      { ...call, quantity: '2' },
      { ...call, strike: '80000', mark: '300' },
    ];
    const valuesBy = (balanceValue: string) => {
      const { equity, marginBalance } = assessedOf(options, { ...DERIBIT, balanceValue });
      return [textOf(equity.point), textOf(marginBalance.point)];
    };
    expect(valuesBy('all')).toEqual(['102100', '102100']);
    expect(valuesBy('long')).toEqual(['102100', '102400']);
    expect(valuesBy('none')).toEqual(['102100', '100000']);
  });

  it('follows the volatility if its class is dynamic: 0.6/0.4 of everything except the mark', () => {
    const dynamic = { referenceVolatility: '0.4', floor: '1', cap: '2' };
    expect(requiredOf([call], DERIBIT, { dynamic })).toEqual(['10200', '7950']);
  });
});

describe('netting by expiry', () => {
  const netting = { expiryNetting: { initial: '1.2', maintenance: '1.1' } };
  const rule = { ...SRM, ...netting };
  const short: Quoted = { type: 'call', strike: '60000', mark: '3000' };

  it('limits the requirement of a spread to its largest loss', () => {
    const long: Quoted = { type: 'call', strike: '65000', mark: '1500', quantity: '1' };
    expect(requiredOf([short, long], rule)).toEqual(['5000', '5000']);
  });

  /** Nothing is lost at 0 or at 60,000, but a naked call costs 1.2 and 1.1 times the forward. */
  it('charges a naked call by the forward, and takes the smaller requirement', () => {
    expect(requiredOf([short], rule)).toEqual(['12000', '8400']);
    const deep: Quoted = { type: 'call', strike: '1000', mark: '59000' };
    // One by one: 9,000 + 59,000. Netted: 1.2·60,000. The first is smaller. MM 5,400 + 59,000.
    expect(requiredOf([deep], rule)).toEqual(['68000', '64400']);
  });

  /** Short puts at 50,000 and 60,000 lose 110,000 if settled at 0. One by one they require less. */
  it('includes a settlement price of 0', () => {
    const puts: Quoted[] = [
      { type: 'put', strike: '60000', mark: '3000' },
      { type: 'put', strike: '50000', mark: '800', quantity: '1' },
    ];
    expect(requiredOf(puts, rule)).toEqual(['10000', '8400']);
  });
});
