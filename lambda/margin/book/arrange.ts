/**
 * Joins a sub-account's rows with the market: terms and accruals of each balance and position, and
 * a reason for what is needed and not known.
 */

import {
  absolute,
  add,
  addUp,
  countAt,
  divideUp,
  isNegative,
  isPositive,
  isZero,
  NO_QUANTITY,
  ONE,
  type Price,
  type Quantity,
  type Ratio,
  times,
  timesUp,
  unitsOf,
  ZERO,
} from '../number/decimal.ts';
import { CLOCK_SKEW_MS_MAX } from '../number/limits.ts';
import { find, type Reason, type Result, unknown } from '../number/reason.ts';
import { type AssetTerms, type Weighing, weighing } from '../snapshot/asset-terms.ts';
import type { InstrumentTerms, LinearTerms, OptionTerms } from '../snapshot/instrument-terms.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { type Balance, type Position, positionKey, type SubAccount } from './account.ts';
import { accruedFunding, withInterest } from './accrual.ts';
import { hasAssetOrders } from './asset-orders.ts';
import type { Entered, Holding, NetPosition, Spread } from './book.ts';
import { type Leveraged, leastLeverage, withLeverage } from './leverage.ts';
import { locationWeight } from './location.ts';
import type { Reasons } from './reasons.ts';
import { unpricedBalance, unpricedPosition } from './spread.ts';

export interface ArrangedBalance {
  readonly terms: AssetTerms;
  /** Includes a loan's accrued interest. */
  readonly amount: Quantity;
  /** In the margin balance, after the location's weight. */
  readonly weighing: Weighing;
  /** Open orders of the asset; absent if there are none. */
  readonly orders?: Pick<Balance, 'openBuyQuantity' | 'openSellQuantity'> | undefined;
  readonly openOrderCount?: number | undefined;
  /** Absent if it lies at no location of its own. */
  readonly lies?: Holding['lies'];
}

export interface ArrangedPosition {
  readonly terms: InstrumentTerms;
  readonly quantity: Quantity;
  readonly entryPrice: Price;
  /** Accrued, as a fraction of the notional; below zero if due to the account. */
  readonly funding: Ratio;
}

export interface Arranged {
  readonly balances: readonly ArrangedBalance[];
  readonly positions: readonly ArrangedPosition[];
  /** In the settlement asset. */
  readonly isolatedMargin?: ArrangedBalance | undefined;
  /** One per instrument, in the order of the rows. */
  readonly netPositions: readonly NetPosition[];
  /** Why a balance counts for less than it might. */
  readonly notes: readonly Reason[];
  /** What holdings may be worth whose price was never known. */
  readonly unpriced: readonly Spread[];
  readonly unpricedReasons: readonly Reason[];
}

/** Leaves out rows whose terms are not known, with a reason in `reasons`. */
export function arrange(subAccount: SubAccount, snapshot: Snapshot, reasons: Reasons): Arranged {
  const arranger = new Arranger(snapshot, {
    reasons,
    isPortfolio: subAccount.account.marginModel === 'portfolio',
    chosen: subAccount.account,
  });
  const { balances, positions, isolatedMargin } = subAccount;
  for (const balance of balances) arranger.addBalance(balance);
  for (const position of positions) arranger.addPosition(position);
  const [isolated] = positions;
  const margin = isolated && isolatedMargin && arranger.isolatedMargin(isolated, isolatedMargin);
  return { ...arranger.arranged, isolatedMargin: margin };
}

const isMarginedAtEntry = (terms: InstrumentTerms): terms is LinearTerms | OptionTerms => {
  if (terms.kind === 'option') return terms.ofClass.optionRule?.initialMark === 'entry';
  return terms.kind === 'linear' && terms.ofClass.riskClass.notionalAt === 'entry';
};

function entered(
  { quantity, entryPrice }: Position,
  { kind, contractSize, isInverse }: LinearTerms | OptionTerms,
  before: Entered = { contracts: NO_QUANTITY, units: NO_QUANTITY },
): Entered {
  const contracts = absolute(quantity);
  if (isZero(contracts)) return before;
  const units = unitsOf(contracts, contractSize);
  const at = countAt(entryPrice);
  // An inverse option is entered at a price in coin.
  const isInCoin = isInverse && kind === 'linear';
  return {
    contracts: add(before.contracts, contracts),
    units: addUp(before.units, isInCoin ? divideUp(units, at) : timesUp(units, at)),
  };
}

export const isOnPortfolio = (
  terms: LinearTerms | OptionTerms,
  isPortfolioAccount: boolean,
): boolean => isPortfolioAccount && terms.ofClass.portfolio !== undefined;

class Arranger {
  private readonly snapshot: Snapshot;
  private readonly reasons: Reasons;
  private readonly isPortfolio: boolean;
  private readonly chosen: Leveraged;
  private readonly balances: ArrangedBalance[] = [];
  private readonly positions: ArrangedPosition[] = [];
  private readonly netPositions = new Map<string, NetPosition>();
  private readonly notes: Reason[] = [];
  private readonly unpriced: Spread[] = [];
  private readonly unpricedReasons: Reason[] = [];

  constructor(
    snapshot: Snapshot,
    of: {
      readonly reasons: Reasons;
      readonly isPortfolio: boolean;
      readonly chosen: Leveraged;
    },
  ) {
    this.snapshot = snapshot;
    this.reasons = of.reasons;
    this.isPortfolio = of.isPortfolio;
    this.chosen = of.chosen;
  }

  get arranged(): Arranged {
    const { balances, positions, netPositions, notes, unpriced, unpricedReasons } = this;
    const held = { balances, positions, netPositions: [...netPositions.values()] };
    return { ...held, notes, unpriced, unpricedReasons };
  }

  addBalance(balance: Balance): void {
    const arranged = this.arrangeBalance(balance);
    if (arranged !== undefined) this.balances.push(arranged);
  }

  /** Undefined if it is zero or its terms are not known. */
  private arrangeBalance(balance: Balance): ArrangedBalance | undefined {
    const { asset, location: at, openOrderCount } = balance;
    const orders = hasAssetOrders(balance) ? balance : undefined;
    if (isZero(balance.amount) && orders === undefined && !openOrderCount) return undefined;
    const subject = at === undefined ? `balance#${asset}` : `balance#${asset}@${at}`;
    const detail = `${subject}: there is no asset ${asset}`;
    const found = find(this.snapshot.assets, asset, 'asset-unknown', detail);
    if (!found.ok && found.reason.code === 'price-missing') {
      this.addUnpriced(unpricedBalance(balance.amount, orders !== undefined), found.reason);
      return undefined;
    }
    const known = this.reasons.need(found);
    if (known === undefined) return undefined;
    const terms = withLeverage(known, this.chosen);
    const amount = isNegative(balance.amount) ? this.withInterest(balance, terms) : balance.amount;
    const weighed = weighing(terms.weights, amount);
    if (at === undefined) {
      if ((orders || openOrderCount) && terms.quoted === undefined) this.refuseOrders(asset);
      return { terms, amount, weighing: weighed, orders, openOrderCount };
    }
    const weight = this.weightAt(at, balance);
    if (weight === undefined) return undefined;
    return {
      terms,
      amount,
      weighing: {
        maintenance: times(weighed.maintenance, weight),
        initial: times(weighed.initial, weight),
      },
      lies: { location: at, observedAt: balance.observedAt },
    };
  }

  private refuseOrders(asset: string): void {
    const detail = `balance#${asset}: the numeraire pays for orders and has none of its own`;
    this.reasons.add({ code: 'row-malformed', subject: `balance#${asset}`, detail });
  }

  /** A debt counts in full wherever it lies. */
  private weightAt(at: string, balance: Balance): Ratio | undefined {
    const { locations, asOf } = this.snapshot;
    const nowhere = `balance#${balance.asset}@${at}: there is no location ${at}`;
    const location = this.reasons.need(find(locations, at, 'location-unknown', nowhere));
    if (location === undefined) return undefined;
    if (isNegative(balance.amount)) return ONE;
    const { weight, note } = locationWeight(balance, location, asOf);
    if (note !== undefined) this.notes.push(note);
    return weight;
  }

  private withInterest(balance: Balance, terms: AssetTerms): Quantity {
    const { amount, interestSettledAt: settledAt } = balance;
    if (settledAt === undefined) return amount;
    this.refuseFuture(settledAt, `balance#${balance.asset}: interestSettledAt`);
    const ratePerHour = this.needRate(terms.borrowRatePerHour, {
      subject: `asset ${balance.asset}`,
      missing: 'has no borrowRatePerHour, which a loan with interestSettledAt needs',
    });
    const { asOf } = this.snapshot;
    const { compounding } = terms;
    return withInterest(amount, { ratePerHour, settledAt, asOf, compounding });
  }

  addPosition(position: Position): void {
    const { quantity, entryPrice, openBuyQuantity, openSellQuantity, openOrderCount } = position;
    const isOpen = [quantity, openBuyQuantity, openSellQuantity].some((each) => !isZero(each));
    if (!isOpen && openOrderCount === 0) return;
    const name = position.instrument;
    const known = this.snapshot.unpriced.get(name);
    if (known !== undefined) {
      const hasOrders = openOrderCount > 0 || !isZero(openBuyQuantity) || !isZero(openSellQuantity);
      const spread = unpricedPosition({ terms: known, quantity, entryPrice, hasOrders });
      this.addUnpriced(spread, known.reason);
      return;
    }
    const terms = this.reasons.need(this.instrument(name));
    if (terms === undefined || !this.isMargined(terms)) return;
    const funding = terms.kind === 'linear' ? this.funding(position, terms) : ZERO;
    this.positions.push({ terms, quantity, entryPrice, funding });
    const net = this.netPositions.get(name);
    this.netPositions.set(name, {
      terms,
      quantity: add(net?.quantity ?? NO_QUANTITY, quantity),
      openBuyQuantity: add(net?.openBuyQuantity ?? NO_QUANTITY, openBuyQuantity),
      openSellQuantity: add(net?.openSellQuantity ?? NO_QUANTITY, openSellQuantity),
      openOrderCount: (net?.openOrderCount ?? 0) + openOrderCount,
      ...leastLeverage(this.chosen, net, position),
      ...(isMarginedAtEntry(terms) && { entered: entered(position, terms, net?.entered) }),
    });
  }

  private addUnpriced(spread: Spread, reason: Reason): void {
    this.unpriced.push(spread);
    this.unpricedReasons.push(reason);
  }

  /** A class needs a rule for an instrument of its kind, on the account's model. */
  private isMargined(terms: InstrumentTerms): boolean {
    if (terms.kind === 'settled') return true;
    if (isOnPortfolio(terms, this.isPortfolio)) return this.isScannable(terms);
    const { riskClass, margin, optionRule } = terms.ofClass.riskClass;
    if ((terms.kind === 'option' ? optionRule : margin) !== undefined) return true;
    const rule = terms.kind === 'option' ? 'optionRule' : 'margin';
    const detail = `risk class ${riskClass} has no ${rule}, which instrument ${terms.instrument} needs`;
    this.reasons.need(unknown('risk-class-unknown', riskClass, detail));
    return false;
  }

  /** A scenario's price may pass a payout, and none is the outcome that a binary contract may have. */
  private isScannable(terms: LinearTerms | OptionTerms): boolean {
    if (terms.kind === 'option' || terms.payout === undefined) return true;
    if (terms.losses !== undefined) return true;
    const { instrument, ofClass } = terms;
    const detail =
      `instrument ${instrument} has a payout, which the portfolio of risk class ` +
      `${ofClass.riskClass.riskClass} does not know; give it a lossArray, or a class without portfolio`;
    this.reasons.need(unknown('row-malformed', instrument, detail));
    return false;
  }

  private funding(position: Position, terms: LinearTerms): Ratio {
    const { fundingSettledAt: settledAt, quantity } = position;
    if (settledAt === undefined || isZero(quantity)) return ZERO;
    this.refuseFuture(settledAt, `position#${positionKey(position)}: fundingSettledAt`);
    const ratePerHour = this.needRate(terms.fundingRatePerHour, {
      subject: `instrument ${position.instrument}`,
      missing:
        'has no quote with a fundingRatePerHour, which a position with fundingSettledAt needs',
    });
    const { asOf } = this.snapshot;
    return accruedFunding({ ratePerHour, settledAt, asOf }, isPositive(quantity));
  }

  /** Needs no price of the instrument: after the position is closed, its margin is still there. */
  isolatedMargin(position: Position, margin: Quantity): ArrangedBalance | undefined {
    if (isZero(margin)) return undefined;
    const asset = this.snapshot.settlementAssets.get(position.instrument);
    if (asset !== undefined) return this.arrangeBalance({ asset, amount: margin });
    this.reasons.need(this.instrument(position.instrument));
    return undefined;
  }

  private instrument(name: string): Result<InstrumentTerms> {
    const detail = `position#${name}: there is no instrument ${name}`;
    return find(this.snapshot.instruments, name, 'instrument-unknown', detail);
  }

  private needRate(
    rate: Ratio | undefined,
    { subject, missing }: { readonly subject: string; readonly missing: string },
  ): Ratio {
    if (rate !== undefined) return rate;
    this.reasons.add({ code: 'rate-missing', subject, detail: `${subject} ${missing}` });
    return ZERO;
  }

  private refuseFuture(time: number, subject: string): void {
    if (time <= this.snapshot.asOf + CLOCK_SKEW_MS_MAX) return;
    const detail = `${subject} is later than the check`;
    this.reasons.add({ code: 'time-in-future', subject, detail });
  }
}
