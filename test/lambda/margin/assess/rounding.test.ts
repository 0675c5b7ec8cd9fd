/** Figures with more digits than a decimal holds: a requirement is never below the exact one. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { textOf } from '../../../../lambda/margin/number/decimal.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { assessed, NOW, snapshotOf } from '../build.ts';
import {
  compared,
  type Fraction,
  fraction,
  largest,
  minus,
  plus,
  product,
  quotient,
} from '../fraction.ts';

const DAY_MS = 86_400_000;
const DIGITS = 34;

/** All digits are significant, so that nearly every product has to be rounded. */
const digits = fc
  .array(fc.integer({ min: 1, max: 9 }), { minLength: DIGITS, maxLength: DIGITS })
  .map((each) => each.join(''));
/** From 1 to below 10. */
const few = digits.map((text) => `${text[0]}.${text.slice(1)}`);
/** A price is the middle of its sources, which takes a digit more. */
const quoted = few.map((text) => text.slice(0, -2));
/** From 0.01 to below 0.1. */
const rate = digits.map((text) => `0.0${text.slice(1)}`);

const LINEAR = { type: 'perpetual', underlying: 'X', settlementAsset: 'USD', riskClass: 'X' };

function requiredOf(
  market: { readonly risk: RawRow; readonly instrument?: RawRow; readonly price: string },
  position: RawRow,
  marginModel = 'standard',
) {
  const snapshot = snapshotOf({
    risk: { X: { volatility: '0.6', ...market.risk } },
    instruments: { I: { ...LINEAR, ...market.instrument } },
    quotes: { 'X#v': { price: market.price }, 'I#v': { price: market.price } },
  });
  const positions = [{ instrument: 'I', entryPrice: '1', ...position }];
  const found = assessed({ profile: { marginModel }, positions }, snapshot);
  const { initialRequirement: initial, maintenanceRequirement: maintenance } = found;
  return { initial: fraction(textOf(initial)), maintenance: fraction(textOf(maintenance)) };
}

function expectAtLeast(required: Fraction, exact: Fraction): void {
  expect(compared(required, exact)).toBeGreaterThanOrEqual(0);
  // By no more than a few of its last digits.
  const most = product(exact, fraction('1.00000000000000000000000000001'));
  expect(compared(most, required)).toBeGreaterThanOrEqual(0);
}

const absolute = (of: Fraction): Fraction => largest([of, minus(fraction('0'), of)]);

it('a flat, tiered and laddered requirement never rounds down', () => {
  const isShort = fc.boolean();
  const book = fc.record({
    price: quoted,
    quantity: few,
    contractSize: few,
    rate,
    slope: rate,
    isShort,
  });
  fc.assert(
    fc.property(book, ({ price, quantity, contractSize, rate: lower, slope, isShort: short }) => {
      const held = { quantity: short ? `-${quantity}` : quantity };
      const units = product(fraction(quantity), fraction(contractSize));
      const notional = product(units, fraction(price));
      const on = (margin: RawRow) =>
        requiredOf({ risk: { margin }, instrument: { contractSize }, price }, held);

      const flat = on({ type: 'flat', initial: lower, maintenance: lower });
      expectAtLeast(flat.maintenance, product(notional, fraction(lower)));
      expectAtLeast(flat.initial, product(notional, fraction(lower)));

      const floor = '0.7777777777777777777777777777777777';
      const upper = `0.1${lower.slice(3)}`;
      const tiers = [
        { floor: '0', initial: lower, maintenance: lower },
        { floor, initial: upper, maintenance: upper },
      ];
      const tiered = plus(
        product(fraction(floor), fraction(lower)),
        product(minus(notional, fraction(floor)), fraction(upper)),
      );
      expectAtLeast(on({ type: 'tiered', tiers }).maintenance, tiered);

      const ladder = { base: lower, slope };
      const laddered = plus(fraction(lower), product(fraction(slope), units));
      const sized = on({ type: 'sizeLadder', initial: ladder, maintenance: ladder });
      expectAtLeast(sized.maintenance, product(notional, laddered));

      // (required ÷ notional − 0.8·r) ≥ k·√units, squared.
      const root = on({
        type: 'squareRoot',
        initial: lower,
        maintenance: lower,
        sizeScaling: slope,
      });
      const most = minus(
        quotient(root.maintenance, notional),
        product(fraction(lower), fraction('0.8')),
      );
      const square = product(units, product(fraction(slope), fraction(slope)));
      expect(compared(product(most, most), square)).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 100 },
  );
});

it('a charge by confidence never rounds down', () => {
  fc.assert(
    fc.property(quoted, few, rate, rate, (price, quantity, score, factor) => {
      const snapshot = snapshotOf({
        risk: {
          X: {
            volatility: '0.6',
            margin: { type: 'flat', initial: '0', maintenance: '0' },
            confidenceCharges: [{ of: 'perpetuals', threshold: '0.5', factor, in: 'both' }],
          },
        },
        instruments: { I: LINEAR },
        quotes: { 'X#v': { price, confidenceScore: score } },
      });
      const positions = [{ instrument: 'I', quantity, entryPrice: '1' }];
      const { maintenanceRequirement } = assessed({ positions }, snapshot);
      const share = product(minus(fraction('1'), fraction(score)), fraction(factor));
      const exact = product(product(fraction(price), fraction(quantity)), share);
      expectAtLeast(fraction(textOf(maintenanceRequirement)), exact);
    }),
    { numRuns: 100 },
  );
});

it('a short option never requires less than its rule', () => {
  const anyOption = fc.record({
    price: quoted,
    strike: few,
    mark: rate,
    quantity: few,
    rate,
    floor: rate,
    type: fc.constantFrom('call', 'put'),
  });
  fc.assert(
    fc.property(anyOption, ({ price, strike, mark, quantity, rate: share, floor, type }) => {
      const charge = { rate: share, lessOutOfTheMoney: true, floor };
      const charges = { initial: charge, maintenance: charge };
      const snapshot = snapshotOf({
        risk: { X: { volatility: '0.6', optionRule: { shortCall: charges, shortPut: charges } } },
        instruments: {
          I: {
            ...LINEAR,
            type: 'option',
            optionType: type,
            strike,
            markFeed: 'I',
            expiresAt: String(NOW + 30 * DAY_MS),
          },
        },
        quotes: { 'X#v': { price }, 'I#v': { price: mark, impliedVolatility: '0.6' } },
      });
      const positions = [{ instrument: 'I', quantity: `-${quantity}`, entryPrice: '1' }];
      const { maintenanceRequirement } = assessed({ positions }, snapshot);
      const gap = minus(fraction(strike), fraction(price));
      const away = type === 'call' ? gap : minus(fraction('0'), gap);
      const full = product(fraction(price), fraction(share));
      const rated = minus(full, largest([away, fraction('0')]));
      const charged = largest([rated, product(fraction(price), fraction(floor)), fraction('0')]);
      const exact = product(plus(charged, fraction(mark)), fraction(quantity));
      expectAtLeast(fraction(textOf(maintenanceRequirement)), exact);
    }),
    { numRuns: 200 },
  );
});

it('a scan of a perpetual never requires less than its worst scenario and its charge', () => {
  const anyScan = fc.record({
    price: quoted,
    quantity: few,
    factor: few,
    move: rate,
    charge: rate,
  });
  fc.assert(
    fc.property(anyScan, fc.boolean(), ({ price, quantity, factor, move, charge }, isShort) => {
      const down = textOfOne(move, '-');
      const up = textOfOne(move, '+');
      const portfolio = {
        scenarios: ['1', down, up].map((priceMultiplier) => ({ priceMultiplier })),
        initialFactor: factor,
        perpetualCharge: { initial: charge, maintenance: charge },
      };
      const held = { quantity: isShort ? `-${quantity}` : quantity };
      const { initial } = requiredOf({ risk: { portfolio }, price }, held, 'portfolio');
      const notional = product(fraction(price), fraction(quantity));
      const moves = [down, up].map((at) => absolute(minus(fraction(at), fraction('1'))));
      const [worst] = isShort ? moves.slice(1) : moves;
      const rates = plus(product(worst ?? fraction('0'), fraction(factor)), fraction(charge));
      expectAtLeast(initial, product(notional, rates));
    }),
    { numRuns: 100 },
  );
});

/** 1 ± the rate, to 34 digits. */
const textOfOne = (of: string, sign: '+' | '-'): string => {
  const places = 33;
  const scaled = BigInt(of.slice(2).padEnd(places, '0').slice(0, places));
  const one = 10n ** BigInt(places);
  const digitsOf = String(sign === '+' ? one + scaled : one - scaled).padStart(places + 1, '0');
  return `${digitsOf.slice(0, 1)}.${digitsOf.slice(1)}`;
};
