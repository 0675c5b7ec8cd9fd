/**
 * A sub-account's rows laid on the market: one curve per risk factor, plus what no price moves.
 * Whatever is needed and not known is a reason, and then there is no book.
 */

import {
  type Balance,
  type Position,
  positionKey,
  type SubAccount,
} from '../../../../../lambda/margin/book/account.ts';
import { accruedFunding, accruedInterest } from '../../../../../lambda/margin/book/accrual.ts';
import {
  chargedOn,
  confidenceAddOns,
  depegAddOns,
} from '../../../../../lambda/margin/book/add-ons.ts';
import { locationWeight } from '../../../../../lambda/margin/book/location.ts';
import type { Curve, Line, MarginedNotional } from '../../../../../lambda/margin/curve/curve.ts';
import { InversePart, type SizedInverse } from '../../../../../lambda/margin/curve/inverse-part.ts';
import type { PriceGrid } from '../../../../../lambda/margin/curve/price-grid.ts';
import type {
  MovingPrice,
  Quoted,
  RiskFactor,
} from '../../../../../lambda/margin/curve/risk-factor.ts';
import type { RiskClass } from '../../../../../lambda/margin/market/risk-class.ts';
import {
  type MarginRule,
  requirementOf,
  type Schedule,
  scaledSchedule,
  scheduleFor,
} from '../../../../../lambda/margin/market/schedule.ts';
import { coefficient } from '../../../../../lambda/margin/number/arithmetic.ts';
import {
  type Amount,
  absolute,
  add,
  countAt,
  countOf,
  divide,
  isNegative,
  isPositive,
  isZero,
  larger,
  NO_AMOUNT,
  NO_QUANTITY,
  negate,
  ONE,
  type Price,
  type Quantity,
  type Ratio,
  ratioBetween,
  ratioOfCount,
  roundUp,
  subtract,
  times,
  UNIT_PRICE,
  unitsOf,
  worth,
  worthOf,
  ZERO,
} from '../../../../../lambda/margin/number/decimal.ts';
import { CLOCK_SKEW_MS_MAX } from '../../../../../lambda/margin/number/limits.ts';
import {
  find,
  type Reason,
  type Result,
  unknown,
} from '../../../../../lambda/margin/number/reason.ts';
import {
  OptionBook,
  type StandardOption,
} from '../../../../../lambda/margin/option/option-book.ts';
import {
  type HeldLinear,
  type HeldOption,
  legOf,
  PortfolioPart,
  unitsIn,
} from '../../../../../lambda/margin/portfolio/portfolio-part.ts';
import {
  type AssetTerms,
  type Weighing,
  weighing,
} from '../../../../../lambda/margin/snapshot/asset-terms.ts';
import type {
  InstrumentTerms,
  LinearTerms,
  OptionTerms,
  SettledTerms,
} from '../../../../../lambda/margin/snapshot/instrument-terms.ts';
import type { Snapshot } from '../../../../../lambda/margin/snapshot/snapshot.ts';
import { FactorDraft } from './factor-draft.ts';

/** All of one instrument that a book holds, long and short netted. */
export interface NetPosition {
  readonly terms: InstrumentTerms;
  readonly quantity: Quantity;
  readonly openBuyQuantity: Quantity;
  readonly openSellQuantity: Quantity;
  readonly openOrderCount: number;
}

export interface Holding {
  readonly terms: AssetTerms;
  /** With the interest that has accrued on a loan. */
  readonly amount: Quantity;
  /** What it counts for in the margin balance. */
  readonly weight: Ratio;
  /** Where it lies, when not here: out of reach of a liquidation. */
  readonly lies?: Pick<Balance, 'location' | 'observedAt'> | undefined;
}

/** What moves with two prices at once: size·(x − 1)·(y − 1) at the most, in multiples of each. */
export interface CrossExposure {
  readonly size: Amount;
  /** Of a straight line that very product, with its sign; absent for an option. */
  readonly slope?: Amount | undefined;
  readonly factors: readonly [RiskFactor, RiskFactor];
  /** How far off each price may be. */
  readonly uncertainties: readonly [Ratio, Ratio];
}

/** What no price moves. */
export interface Constant {
  readonly equity: Amount;
  /** Less, when some of it lies where it counts less. */
  readonly balance: Amount;
}

export interface Book {
  /** Balances in the numeraire, and what has settled in it. */
  readonly constant: Constant;
  readonly curves: readonly Curve[];
  readonly positions: readonly NetPosition[];
  readonly holdings: readonly Holding[];
  /** Profit in an asset whose own price moves as well. */
  readonly crosses: readonly CrossExposure[];
  /** Every price that the book rests on, once. */
  readonly prices: readonly MovingPrice[];
  /** What counts for less than it might, and why. */
  readonly notes: readonly Reason[];
}

export type BookResult =
  | { readonly ok: true; readonly book: Book }
  | { readonly ok: false; readonly reasons: readonly Reason[] };

export function buildBook(subAccount: SubAccount, snapshot: Snapshot): BookResult {
  const draft = new Draft(snapshot, subAccount.account.marginModel === 'portfolio');
  for (const balance of subAccount.balances) draft.addBalance(balance);
  for (const position of subAccount.positions) draft.addPosition(position);
  const isolated = subAccount.positions[0];
  if (subAccount.isolatedMargin !== undefined && isolated !== undefined) {
    draft.addIsolatedMargin(isolated, subAccount.isolatedMargin);
  }
  return draft.finish();
}

interface WeighedBalance {
  readonly terms: AssetTerms;
  readonly value: Amount;
  readonly weighed: Weighing;
  /** At no location of its own. */
  readonly isHere: boolean;
}

class Draft {
  private constant: Constant = { equity: NO_AMOUNT, balance: NO_AMOUNT };
  private readonly snapshot: Snapshot;
  private readonly isPortfolio: boolean;
  private readonly factors = new Map<string, FactorDraft>();
  private readonly positions = new Map<string, NetPosition>();
  private readonly holdings: Holding[] = [];
  private readonly balances: WeighedBalance[] = [];
  private readonly crosses: CrossExposure[] = [];
  private readonly prices = new Map<string, MovingPrice>();
  private readonly reasons = new Map<string, Reason>();
  private readonly notes: Reason[] = [];
  /** Of inverse instruments: what they gain per unit of the price's multiple. */
  private readonly slopes = new Map<string, Amount>();

  constructor(snapshot: Snapshot, isPortfolio: boolean) {
    this.snapshot = snapshot;
    this.isPortfolio = isPortfolio;
  }

  /** A balance is worth A·p, and counts A·p·w as collateral or A·p·v as a debt. */
  addBalance(balance: Balance): void {
    if (isZero(balance.amount)) return;
    const { assets } = this.snapshot;
    const { asset, location: at } = balance;
    const subject = at === undefined ? `balance#${asset}` : `balance#${asset}@${at}`;
    const detail = `${subject}: there is no asset ${asset}`;
    const terms = this.need(find(assets, asset, 'asset-unknown', detail));
    if (terms === undefined) return;
    const isLoan = isNegative(balance.amount);
    const amount = isLoan ? this.withInterest(balance, terms) : balance.amount;
    const { maintenance: weight, initial } = weighing(terms.weights, amount);
    const located = at === undefined ? ONE : this.weightAt(at, balance);
    if (located === undefined) return;
    if (terms.quoted !== undefined) {
      this.rest(terms.quoted.price, terms.quoted.factor);
      this.chargeCollateral(terms, terms.quoted, amount);
      const isHere = at === undefined;
      const weighed = { maintenance: times(weight, located), initial: times(initial, located) };
      const lies = isHere ? undefined : { location: at, observedAt: balance.observedAt };
      this.holdings.push({ terms, amount, weight: weighed.maintenance, lies });
      this.balances.push({ terms, value: worth(amount, terms.price), weighed, isHere });
      return;
    }
    const value = worth(amount, terms.price);
    this.addConstant(value, times(value, located));
    if (at === undefined) return;
    const lies = { location: at, observedAt: balance.observedAt };
    this.holdings.push({ terms, amount, weight: located, lies });
  }

  /** What its location leaves of a balance; a debt counts in full wherever it lies. */
  private weightAt(at: string, balance: Balance): Ratio | undefined {
    const { locations, asOf } = this.snapshot;
    const nowhere = `balance#${balance.asset}@${at}: there is no location ${at}`;
    const location = this.need(find(locations, at, 'location-unknown', nowhere));
    if (location === undefined) return undefined;
    if (isNegative(balance.amount)) return ONE;
    const { weight, note } = locationWeight(balance, location, asOf);
    if (note !== undefined) this.notes.push(note);
    return weight;
  }

  /** What the asset's class charges for doubt about the price of a balance. */
  private chargeCollateral(terms: AssetTerms, { price, factor }: Quoted, amount: Quantity): void {
    if (isNegative(amount)) return;
    const notional = worth(amount, price.price);
    const { confidenceScore } = price;
    const on = { kinds: ['collateral' as const], notional, confidenceScore };
    for (const charge of confidenceAddOns(terms.confidenceCharges, on)) {
      this.factorOf(factor).margin(charge);
    }
  }

  private addConstant(equity: Amount, balance: Amount): void {
    this.constant = {
      equity: add(this.constant.equity, equity),
      balance: add(this.constant.balance, balance),
    };
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

  addPosition(position: Position): void {
    const { quantity, openBuyQuantity, openSellQuantity, openOrderCount } = position;
    const isOpen = [quantity, openBuyQuantity, openSellQuantity].some((each) => !isZero(each));
    if (!isOpen && openOrderCount === 0) return;
    const name = position.instrument;
    const detail = `position#${name}: there is no instrument ${name}`;
    const terms = this.need(find(this.snapshot.instruments, name, 'instrument-unknown', detail));
    if (terms === undefined) return;
    if (!this.isMargined(terms)) return;
    for (const each of terms.prices) this.rest(each, terms.quoted.factor);
    if (terms.kind === 'linear') this.addLinear(position, terms);
    else if (terms.kind === 'settled') this.addSettled(position, terms);
    else this.addOption(position, terms);
    const net = this.positions.get(name);
    this.positions.set(name, {
      terms,
      quantity: add(net?.quantity ?? NO_QUANTITY, quantity),
      openBuyQuantity: add(net?.openBuyQuantity ?? NO_QUANTITY, openBuyQuantity),
      openSellQuantity: add(net?.openSellQuantity ?? NO_QUANTITY, openSellQuantity),
      openOrderCount: (net?.openOrderCount ?? 0) + openOrderCount,
    });
  }

  /** A class must say what an instrument of its kind requires, on the model of the account. */
  private isMargined(terms: InstrumentTerms): boolean {
    if (terms.kind === 'settled' || this.isOnPortfolio(terms)) return true;
    const { riskClass, margin, optionRule } = terms.ofClass.riskClass;
    if ((terms.kind === 'option' ? optionRule : margin) !== undefined) return true;
    const rule = terms.kind === 'option' ? 'option rule' : 'margin schedule';
    const detail = `risk class ${riskClass} of instrument ${terms.instrument} has no ${rule}`;
    this.need(unknown('risk-class-unknown', riskClass, detail));
    return false;
  }

  /**
   * Linear: q·c·(mark − entry) less its funding. Inverse: q·c·(1/entry − 1/mark) coins, less its
   * funding in coin; at a coin that is worth p·x that is a straight line in x as well.
   */
  private addLinear(position: Position, terms: LinearTerms): void {
    const { quantity, entryPrice } = position;
    const funding = this.funding(position, terms);
    const mark = terms.quoted.price.price;
    const units = unitsOf(quantity, terms.contractSize);
    if (terms.isInverse) {
      const coin = terms.settlement.asset.price;
      const held = worth(units, UNIT_PRICE);
      const atMark = times(held, ratioBetween(coin, mark));
      const slope = subtract(times(held, ratioBetween(coin, entryPrice)), times(atMark, funding));
      const before = this.slopes.get(terms.instrument) ?? NO_AMOUNT;
      this.slopes.set(terms.instrument, add(before, slope));
      this.settle(terms, { constant: negate(atMark), slope });
      return;
    }
    const { rate } = terms.settlement;
    const value = worth(units, mark);
    const slope = subtract(value, times(value, funding));
    const line = { constant: negate(worth(units, entryPrice)), slope };
    this.settle(terms, {
      constant: times(line.constant, rate),
      slope: times(line.slope, rate),
    });
  }

  /** Worth what the settlement price says: in the numeraire for good, or in coin. */
  private addSettled({ quantity, entryPrice }: Position, terms: SettledTerms): void {
    const { settlementPrice, payoff, isInverse, settlement } = terms;
    const units = unitsOf(quantity, terms.contractSize);
    if (isInverse) {
      const coin = settlement.asset.price;
      const perCoin = (at: typeof coin) => times(worth(units, UNIT_PRICE), ratioBetween(coin, at));
      const slope =
        payoff === undefined
          ? subtract(perCoin(entryPrice), perCoin(settlementPrice))
          : times(times(payoff, countOf(quantity)), countAt(coin));
      this.settle(terms, { constant: NO_AMOUNT, slope });
      return;
    }
    const value =
      payoff === undefined
        ? subtract(worth(units, settlementPrice), worth(units, entryPrice))
        : times(payoff, countOf(quantity));
    this.settle(terms, { constant: times(value, settlement.rate), slope: NO_AMOUNT });
  }

  /** Paid for when it was bought: its value is equity, and moves by no more than the forward. */
  private addOption({ quantity }: Position, terms: OptionTerms): void {
    const { settlement, quoted } = terms;
    this.prices.set(quoted.price.feed, quoted.price);
    const units = times(unitsIn(terms, quantity), settlement.rate);
    const moved = times(terms.forward, units);
    this.factorOf(quoted.factor).expose(moved);
    if (settlement.by === 'other') this.exposeTo(terms, times(terms.option.mark, units), moved);
  }

  /** Where a profit goes: into the numeraire, the coin's pool, or an asset with a price of its own. */
  private settle(terms: LinearTerms | SettledTerms, line: Line): void {
    const { settlement, quoted } = terms;
    const isAtRest = isZero(line.slope);
    if (settlement.by === 'coin') {
      const { asset, weights } = settlement.asset;
      this.factorOf(quoted.factor).addSettled(asset, line, weights);
      return;
    }
    if (isAtRest) this.addConstant(line.constant, line.constant);
    else this.factorOf(quoted.factor).addLine(line);
    if (settlement.by === 'other') this.exposeTo(terms, add(line.constant, line.slope), line.slope);
  }

  /** A profit in another asset moves with its price, too: by itself, and together with the first. */
  private exposeTo(terms: InstrumentTerms, profit: Amount, slope: Amount): void {
    const { quoted } = terms.settlement.asset;
    if (quoted === undefined) return;
    this.rest(quoted.price, quoted.factor);
    this.factorOf(quoted.factor).addLine({ constant: negate(profit), slope: profit });
    if (isZero(slope)) return;
    this.crosses.push({
      size: absolute(slope),
      slope: terms.kind === 'option' ? undefined : slope,
      factors: [terms.quoted.factor, quoted.factor],
      uncertainties: [
        terms.prices.map((each) => each.uncertainty).reduce(larger, ZERO),
        quoted.price.uncertainty,
      ],
    });
  }

  private funding(position: Position, terms: LinearTerms): Ratio {
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
    if (!terms?.ok) return;
    this.addBalance({ asset: terms.value.settlement.asset.asset, amount: margin });
  }

  private rest(price: MovingPrice, factor: RiskFactor): void {
    this.prices.set(price.feed, price);
    this.factorOf(factor).restOn(price.uncertainty);
  }

  private factorOf(factor: RiskFactor): FactorDraft {
    const found = this.factors.get(factor.feed);
    if (found !== undefined) return found;
    const draft = new FactorDraft(factor);
    this.factors.set(factor.feed, draft);
    return draft;
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
    for (const balance of this.balances) this.weigh(balance);
    const positions = [...this.positions.values()];
    this.require(positions);
    if (this.reasons.size > 0) return { ok: false, reasons: [...this.reasons.values()] };
    return {
      ok: true,
      book: {
        constant: this.constant,
        curves: [...this.factors.values()].map((factor) => factor.finish()),
        positions,
        holdings: this.holdings,
        crosses: this.crosses,
        prices: [...this.prices.values()],
        notes: this.notes,
      },
    };
  }

  private weigh({ terms, value, weighed, isHere }: WeighedBalance): void {
    if (terms.quoted === undefined) return;
    const factor = this.factorOf(terms.quoted.factor);
    if (isHere && factor.hasPool(terms.asset)) factor.addToPool(terms.asset, value, weighed);
    else factor.addBalance(value, weighed);
  }

  /** A linear position stands by itself; what bends is gathered by its factor first. */
  private require(positions: readonly NetPosition[]): void {
    const impacted = new Map<FactorDraft, NetPosition[]>();
    for (const position of positions) {
      const { terms } = position;
      if (terms.kind === 'settled') continue;
      const draft = this.factorOf(terms.quoted.factor);
      this.addCharges(draft, position, terms.ofClass.riskClass);
      const isStraight = terms.kind === 'linear' && !this.isOnPortfolio(terms);
      if (isStraight && this.requireLinear(draft, position, terms)) continue;
      const others = impacted.get(draft);
      if (others === undefined) impacted.set(draft, [position]);
      else others.push(position);
    }
    for (const [draft, held] of impacted) this.addNonLinear(draft, held);
    if (this.isPortfolio) this.scanBareCoin();
  }

  /** Coin of a class that scans all of it, on a factor where no position is scanned. */
  private scanBareCoin(): void {
    for (const { terms } of this.balances) {
      const { scannedBy, quoted } = terms;
      const grid = quoted?.factor.grid;
      if (scannedBy === undefined || quoted === undefined || grid === undefined) continue;
      const draft = this.factorOf(quoted.factor);
      if (draft.isScanned) continue;
      const nothing = { linears: [], options: [] };
      draft.scan(new PortfolioPart({ ofClass: scannedBy, grid, coin: draft.coin, ...nothing }));
    }
  }

  private isOnPortfolio(terms: LinearTerms | OptionTerms): boolean {
    return this.isPortfolio && terms.ofClass.portfolio !== undefined;
  }

  private addNonLinear(draft: FactorDraft, held: readonly NetPosition[]): void {
    const onPortfolio = ({ terms }: NetPosition) =>
      terms.kind !== 'settled' && this.isOnPortfolio(terms);
    const scanned = held.filter(onPortfolio);
    this.addStandardNonLinear(
      draft,
      held.filter((position) => !onPortfolio(position)),
    );
    const classes = Map.groupBy(scanned, ({ terms }) =>
      terms.kind === 'settled' ? undefined : terms.ofClass,
    );
    let { coin } = draft;
    for (const [ofClass, positions] of classes) {
      const grid = this.gridOf(draft.factor);
      if (ofClass === undefined || grid === undefined) continue;
      const linears = positions.flatMap((position) => this.heldLinear(position));
      const options = positions.flatMap(heldOption);
      draft.scan(new PortfolioPart({ ofClass, grid, linears, options, coin }));
      coin = NO_AMOUNT;
    }
  }

  /** A scan starts from the price of the underlying, whatever else its positions are marked by. */
  private gridOf({ feed, grid }: RiskFactor): PriceGrid | undefined {
    if (grid === undefined) this.priceOf(feed);
    return grid;
  }

  private heldLinear(position: NetPosition): HeldLinear[] {
    const { terms, quantity } = position;
    if (terms.kind !== 'linear') return [];
    const gained = this.slopes.get(terms.instrument);
    const slope =
      gained === undefined || isZero(quantity)
        ? slopeAtMark(terms)
        : divide(gained, countOf(quantity));
    return [{ ...position, terms, slope }];
  }

  private addStandardNonLinear(draft: FactorDraft, held: readonly NetPosition[]): void {
    const options: StandardOption[] = [];
    const sized: SizedInverse[] = [];
    for (const position of held) {
      const { terms } = position;
      if (terms.kind === 'linear') sized.push(...sizedInverse(position, terms));
      else if (terms.kind === 'option') options.push(...this.standardOption(position, terms));
    }
    if (options.length > 0) draft.addNonLinear(new OptionBook(options));
    if (sized.length > 0) draft.addNonLinear(new InversePart(sized));
  }

  /**
   * Requirements are due on the worse of all open buys filled and all open sells filled.
   * @returns whether that is a straight line: an inverse contract's rate may grow with its size
   */
  private requireLinear(draft: FactorDraft, position: NetPosition, terms: LinearTerms): boolean {
    const { margin, requirementPlaces } = terms.ofClass.riskClass;
    const contracts = worstOf(position);
    const notional = worthOf(contracts, terms.contractValue);
    const schedule = terms.schedule ?? (margin && scheduleOfSize(terms, margin, contracts));
    if (schedule === undefined) return true;
    const nonLinear = terms.isInverse && terms.schedule === undefined;
    if (!terms.isInverse) draft.margin({ notional, schedule });
    if (!terms.isInverse && requirementPlaces === undefined) return true;
    const due = requirementOf(schedule, notional);
    if (terms.isInverse && !nonLinear) draft.require(due);
    if (requirementPlaces === undefined) return !nonLinear;
    draft.require({
      initial: subtract(roundUp(due.initial, requirementPlaces), due.initial),
      maintenance: subtract(roundUp(due.maintenance, requirementPlaces), due.maintenance),
    });
    return !nonLinear;
  }

  /** Short: what is left short once every open order to sell is filled. */
  private standardOption(position: NetPosition, terms: OptionTerms): StandardOption[] {
    const rule = terms.ofClass.optionRule;
    if (rule === undefined) return [];
    const worst = subtract(position.quantity, position.openSellQuantity);
    const units = unitsIn(terms, worst);
    const held = unitsIn(terms, position.quantity);
    const leg = legOf(terms, held);
    // The mark of a short one is in its requirement as well, which counts up to c times.
    const { callMultiplier } = this.snapshot.policy;
    const counted = isNegative(units) ? add(ONE, callMultiplier) : ONE;
    return [
      {
        instrument: terms.instrument,
        scenarios: terms.plain,
        units: leg.units,
        type: terms.type,
        expiresAt: terms.expiresAt,
        strike: terms.strike,
        underlying: rule.underlyingPrice === 'forward' ? terms.forward : terms.spot,
        forward: terms.forward,
        rule,
        short: coefficient(isNegative(units) ? negate(units) : ZERO),
        worst: units,
        quoteUncertainty: times(
          terms.quoteUncertainty,
          times(larger(absolute(held), absolute(units)), counted),
        ),
      },
    ];
  }

  private addCharges(draft: FactorDraft, position: NetPosition, riskClass: RiskClass): void {
    const { confidenceCharges, depegCharge, openOrderCharge } = riskClass;
    const { terms, openOrderCount } = position;
    if (confidenceCharges.length === 0 && depegCharge === undefined && openOrderCount === 0) return;
    const { kinds, notional, units } = chargedOn(position);
    const { confidenceScore } = terms;
    const due = confidenceAddOns(confidenceCharges, { kinds, notional, confidenceScore });
    if (depegCharge !== undefined && isDepegCharged(position)) {
      const stablecoin = this.priceOf(depegCharge.feed);
      const underlying = this.priceOf(terms.quoted.factor.feed);
      const atUnderlying = underlying === undefined ? NO_AMOUNT : worth(units, underlying);
      due.push(...depegAddOns(riskClass, { notional: atUnderlying, price: stablecoin }));
    }
    for (const charge of due) {
      // The notional of an inverse contract stays as it is whatever the price does.
      if (terms.kind === 'linear' && terms.isInverse) draft.require(requiredBy(charge));
      else draft.margin(charge);
    }
    if (openOrderCount === 0 || isZero(openOrderCharge)) return;
    const perOrder = times(openOrderCharge, ratioOfCount(openOrderCount));
    draft.require({ initial: perOrder, maintenance: perOrder });
  }

  private priceOf(feed: string): Price | undefined {
    const state = this.snapshot.feeds.get(feed);
    if (state !== undefined) return this.need(state.price)?.price;
    const detail = `${feed}: no usable quote`;
    this.need({ ok: false, reason: { code: 'price-missing', subject: feed, detail } });
    return undefined;
  }
}

function scheduleOfSize(terms: LinearTerms, rule: MarginRule, contracts: Quantity): Schedule {
  const size = countOf(unitsOf(contracts, terms.size));
  return scaledSchedule(scheduleFor(rule, { size }), terms.ofClass.scale);
}

function sizedInverse(position: NetPosition, terms: LinearTerms): SizedInverse[] {
  const { riskClass, scale } = terms.ofClass;
  if (riskClass.margin === undefined) return [];
  const contracts = worstOf(position);
  const notional = worthOf(contracts, terms.contractValue);
  const size = countOf(unitsOf(contracts, terms.size));
  return [{ notional, size, rule: riskClass.margin, scale }];
}

const requiredBy = ({ notional, schedule }: MarginedNotional) => requirementOf(schedule, notional);

const isDepegCharged = ({ terms, quantity }: NetPosition): boolean =>
  terms.kind === 'linear' || isNegative(quantity);

const heldOption = (position: NetPosition): HeldOption[] => {
  const { terms } = position;
  return terms.kind === 'option' ? [{ ...position, terms }] : [];
};

/** Of one contract, per unit of the price's multiple, in the numeraire. */
function slopeAtMark(terms: LinearTerms): Amount {
  const { settlement, contractSize, quoted } = terms;
  if (!terms.isInverse) return times(terms.contractValue, settlement.rate);
  const coin = ratioBetween(settlement.asset.price, quoted.price.price);
  return times(worth(contractSize, UNIT_PRICE), coin);
}

function worstOf({ quantity, openBuyQuantity, openSellQuantity }: NetPosition): Quantity {
  const allBought = add(quantity, openBuyQuantity);
  const allSold = subtract(quantity, openSellQuantity);
  return allBought === allSold
    ? absolute(quantity)
    : larger(absolute(allBought), absolute(allSold));
}
