/**
 * A sub-account's rows laid on the market: one curve per risk factor, plus what no price moves.
 * Whatever is needed and not known is a reason, and then there is no book.
 */
import { type Balance, type Position, positionKey, type SubAccount } from './account.ts';
import { accruedFunding, accruedInterest } from './accrual.ts';
import type { Curve, MarginedNotional } from './curve.ts';
import {
  type Amount,
  absolute,
  add,
  isNegative,
  isPositive,
  isZero,
  larger,
  NO_AMOUNT,
  NO_QUANTITY,
  ONE,
  type Quantity,
  type Ratio,
  subtract,
  times,
  unitsOf,
  worth,
  worthOf,
  ZERO,
} from './decimal.ts';
import { CLOCK_SKEW_MS_MAX } from './limits.ts';
import { find, type Reason, type Result } from './reason.ts';
import type { Snapshot } from './snapshot.ts';
import type { AssetTerms, InstrumentTerms, MovingPrice, Quoted } from './terms.ts';

/** All of one instrument that a book holds, long and short netted. */
export interface NetPosition {
  readonly terms: InstrumentTerms;
  readonly quantity: Quantity;
  readonly openBuyQuantity: Quantity;
  readonly openSellQuantity: Quantity;
}

export interface Holding {
  readonly terms: AssetTerms;
  /** With the interest that has accrued on a loan. */
  readonly amount: Quantity;
}

export interface Book {
  /** Balances in the numeraire: equity and margin balance alike. */
  readonly constant: Amount;
  readonly curves: readonly Curve[];
  readonly positions: readonly NetPosition[];
  readonly holdings: readonly Holding[];
  /** Every price that the book rests on, once. */
  readonly prices: readonly MovingPrice[];
}

export type BookResult =
  | { readonly ok: true; readonly book: Book }
  | { readonly ok: false; readonly reasons: readonly Reason[] };

export function buildBook(subAccount: SubAccount, snapshot: Snapshot): BookResult {
  const draft = new Draft(snapshot);
  for (const balance of subAccount.balances) draft.addBalance(balance);
  for (const position of subAccount.positions) draft.addPosition(position);
  const isolated = subAccount.positions[0];
  if (subAccount.isolatedMargin !== undefined && isolated !== undefined) {
    draft.addIsolatedMargin(isolated, subAccount.isolatedMargin);
  }
  return draft.finish();
}

interface CurveDraft {
  readonly quoted: Quoted;
  uncertainty: Ratio;
  constant: Amount;
  equitySlope: Amount;
  balanceSlope: Amount;
  readonly margined: MarginedNotional[];
}

class Draft {
  private constant = NO_AMOUNT;
  private readonly curves = new Map<string, CurveDraft>();
  private readonly positions = new Map<string, NetPosition>();
  private readonly holdings: Holding[] = [];
  private readonly prices = new Map<string, MovingPrice>();
  private readonly reasons = new Map<string, Reason>();
  private readonly snapshot: Snapshot;

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  /** A balance is worth A·p, and counts A·p·w as collateral or A·p·v as a debt. */
  addBalance(balance: Balance): void {
    if (isZero(balance.amount)) return;
    const { assets } = this.snapshot;
    const detail = `balance#${balance.asset}: there is no asset ${balance.asset}`;
    const terms = this.need(find(assets, balance.asset, 'asset-unknown', detail));
    if (terms === undefined) return;
    const isLoan = isNegative(balance.amount);
    const amount = isLoan ? this.withInterest(balance, terms) : balance.amount;
    const value = worth(amount, terms.price);
    if (terms.quoted === undefined) {
      this.constant = add(this.constant, value);
      return;
    }
    const weight = isLoan ? terms.liabilityWeight : terms.collateralWeight;
    const curve = this.curveOf(terms.quoted);
    curve.equitySlope = add(curve.equitySlope, value);
    curve.balanceSlope = add(curve.balanceSlope, times(value, weight));
    this.holdings.push({ terms, amount });
  }

  private withInterest(balance: Balance, terms: AssetTerms): Quantity {
    const { amount, interestSettledAt: settledAt } = balance;
    if (settledAt === undefined) return amount;
    this.refuseFuture(settledAt, `balance#${balance.asset}: interestSettledAt`);
    const ratePerHour = this.needRate(terms.borrowRatePerHour, {
      subject: `asset ${balance.asset}`,
      wanted: 'borrowRatePerHour, which interest since interestSettledAt needs',
    });
    const { asOf } = this.snapshot;
    return times(amount, add(ONE, accruedInterest({ ratePerHour, settledAt, asOf })));
  }

  /** A position is worth q·c·(mark − entry) less its funding; its requirement is on the net. */
  addPosition(position: Position): void {
    const isOpen = [position.quantity, position.openBuyQuantity, position.openSellQuantity];
    if (isOpen.every(isZero)) return;
    const { instruments } = this.snapshot;
    const name = position.instrument;
    const detail = `position#${name}: there is no instrument ${name}`;
    const terms = this.need(find(instruments, name, 'instrument-unknown', detail));
    if (terms === undefined) return;
    const units = unitsOf(position.quantity, terms.contractSize);
    const value = worth(units, terms.quoted.price.price);
    const slope = subtract(value, times(value, this.funding(position, terms)));
    const curve = this.curveOf(terms.quoted);
    curve.constant = subtract(curve.constant, worth(units, position.entryPrice));
    curve.equitySlope = add(curve.equitySlope, slope);
    curve.balanceSlope = add(curve.balanceSlope, slope);
    const net = this.positions.get(name);
    this.positions.set(name, {
      terms,
      quantity: add(net?.quantity ?? NO_QUANTITY, position.quantity),
      openBuyQuantity: add(net?.openBuyQuantity ?? NO_QUANTITY, position.openBuyQuantity),
      openSellQuantity: add(net?.openSellQuantity ?? NO_QUANTITY, position.openSellQuantity),
    });
  }

  private funding(position: Position, terms: InstrumentTerms): Ratio {
    const { fundingSettledAt: settledAt, quantity } = position;
    if (settledAt === undefined || isZero(quantity)) return ZERO;
    this.refuseFuture(settledAt, `position#${positionKey(position)}: fundingSettledAt`);
    const ratePerHour = this.needRate(terms.fundingRatePerHour, {
      subject: `instrument ${position.instrument}`,
      wanted: 'fundingRatePerHour on a quote, which funding since fundingSettledAt needs',
    });
    const { asOf } = this.snapshot;
    return accruedFunding({ ratePerHour, settledAt, asOf }, isPositive(quantity));
  }

  private needRate(
    rate: Ratio | undefined,
    { subject, wanted }: { readonly subject: string; readonly wanted: string },
  ): Ratio {
    if (rate !== undefined) return rate;
    const detail = `${subject} has no ${wanted}`;
    this.need({ ok: false, reason: { code: 'rate-missing', subject, detail } });
    return ZERO;
  }

  addIsolatedMargin(position: Position, margin: Quantity): void {
    const terms = this.snapshot.instruments.get(position.instrument);
    if (terms?.ok) this.addBalance({ asset: terms.value.settlementAsset, amount: margin });
  }

  private curveOf(quoted: Quoted): CurveDraft {
    const { factor, price } = quoted;
    this.prices.set(price.feed, price);
    const found = this.curves.get(factor.feed);
    if (found !== undefined) {
      found.uncertainty = larger(found.uncertainty, price.uncertainty);
      return found;
    }
    const curve: CurveDraft = {
      quoted,
      uncertainty: price.uncertainty,
      constant: NO_AMOUNT,
      equitySlope: NO_AMOUNT,
      balanceSlope: NO_AMOUNT,
      margined: [],
    };
    this.curves.set(factor.feed, curve);
    return curve;
  }

  private refuseFuture(time: number, subject: string): void {
    if (time <= this.snapshot.asOf + CLOCK_SKEW_MS_MAX) return;
    const detail = `${subject} is later than the check`;
    this.need({ ok: false, reason: { code: 'time-in-future', subject, detail } });
  }

  private need<T>(result: Result<T>): T | undefined {
    if (result.ok) return result.value;
    const { code, subject } = result.reason;
    this.reasons.set(`${code} ${subject}`, result.reason);
    return undefined;
  }

  finish(): BookResult {
    if (this.reasons.size > 0) return { ok: false, reasons: [...this.reasons.values()] };
    for (const position of this.positions.values()) {
      this.curves.get(position.terms.quoted.factor.feed)?.margined.push(marginedNotional(position));
    }
    const curves = [...this.curves].map(([factor, draft]) => finishCurve(factor, draft));
    return {
      ok: true,
      book: {
        constant: this.constant,
        curves,
        positions: [...this.positions.values()],
        holdings: this.holdings,
        prices: [...this.prices.values()],
      },
    };
  }
}

/** Requirements are due on the worse of all open buys filled and all open sells filled. */
function marginedNotional(position: NetPosition): MarginedNotional {
  const { terms, quantity, openBuyQuantity, openSellQuantity } = position;
  const allBought = add(quantity, openBuyQuantity);
  const allSold = subtract(quantity, openSellQuantity);
  const worst =
    allBought === allSold ? absolute(quantity) : larger(absolute(allBought), absolute(allSold));
  return { notional: worthOf(worst, terms.contractValue), schedule: terms.schedule };
}

const finishCurve = (factor: string, draft: CurveDraft): Curve => ({
  factor,
  equity: { constant: draft.constant, slope: draft.equitySlope },
  balance: { constant: draft.constant, slope: draft.balanceSlope },
  margined: draft.margined,
  uncertainty: draft.uncertainty,
  shockDown: draft.quoted.factor.shockDown,
  shockUp: draft.quoted.factor.shockUp,
  shock: draft.quoted.factor.shock,
  radiusScale: draft.quoted.factor.radiusScale,
});
