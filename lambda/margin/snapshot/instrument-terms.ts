/** The terms of one contract of an instrument. */

import type { MovingPrice, Quoted, ResolvedPrice } from '../curve/risk-factor.ts';
import type { Instrument } from '../market/market.ts';
import { settlementPrice } from '../market/oracle.ts';
import type { RiskClass } from '../market/risk-class.ts';
import { growsWithSize, type Schedule, scaledSchedule, scheduleFor } from '../market/schedule.ts';
import { priceUncertainty } from '../market/shock.ts';
import { FREE_TRADING, type TradingTerms, tradingTerms } from '../market/trading.ts';
import {
  type Amount,
  add,
  approximately,
  asAmount,
  asRatio,
  countAt,
  countOf,
  divide,
  isAbove,
  ONE,
  type Price,
  type Quantity,
  quantity,
  type Ratio,
  smaller,
  subtract,
  times,
  UNIT_PRICE,
  unitPriceOf,
  worth,
  ZERO,
} from '../number/decimal.ts';
import { find, known, type Lookup, type Result, unknown } from '../number/reason.ts';
import { impliedVolatility } from '../option/implied-volatility.ts';
import { type OptionQuote, optionQuote } from '../option/option-quote.ts';
import { type OptionShock, PricedOption } from '../option/priced-option.ts';
import { ScenarioOption } from '../option/scenario-option.ts';
import { shockOn, yearsOf } from '../portfolio/cells.ts';
import { type ClassTerms, classTerms } from '../portfolio/class-terms.ts';
import { type AssetTerms, quotedBy, type Resolved } from './asset-terms.ts';

export interface Settlement {
  readonly asset: AssetTerms;
  /**
   * own: the numeraire. coin: an asset on the instrument's own factor. other: an asset with its own
   * price, such as a stablecoin, whose moves count as well.
   */
  readonly by: 'own' | 'coin' | 'other';
  /** Converts the instrument's amounts to the numeraire: the asset's price if `other`, else 1. */
  readonly rate: Ratio;
}

interface CommonTerms {
  readonly instrument: string;
  readonly settlement: Settlement;
  /** The risk factor, and the price that orders refer to. */
  readonly quoted: Quoted;
  /** Prices on its factor that its value depends on, without an option's own quote. */
  readonly prices: readonly MovingPrice[];
  /** Per contract: units of underlying, or numeraire if inverse. */
  readonly contractSize: Quantity;
  /** Notional of one contract at the mark; for an option, its value. */
  readonly contractValue: Amount;
  readonly trading: TradingTerms;
  /** The lowest among its prices. */
  readonly confidenceScore: Ratio;
}

export interface LinearTerms extends CommonTerms {
  readonly kind: 'linear';
  readonly type: 'perpetual' | 'future';
  readonly isInverse: boolean;
  readonly expiresAt?: number | undefined;
  /** Time to expiry; 0 without one. */
  readonly years: number;
  readonly ofClass: ClassTerms;
  /** Holds for any position size; absent if the rates grow with the size. */
  readonly schedule?: Schedule | undefined;
  /** Units of underlying per contract at the mark. */
  readonly size: Quantity;
  /** Fraction of the notional that a long pays per hour; absent if unknown. */
  readonly fundingRatePerHour?: Ratio | undefined;
}

export interface OptionTerms extends CommonTerms {
  readonly kind: 'option';
  readonly type: 'call' | 'put';
  /** Quoted and paid in the coin. */
  readonly isInverse: boolean;
  readonly expiresAt: number;
  readonly ofClass: ClassTerms;
  readonly option: PricedOption;
  /** Identifies its expiry and strike, within which calls and puts net. */
  readonly strikeId: number;
  /** `strike`, `spot` and `forward` are prices per unit of underlying. */
  readonly strike: Amount;
  readonly spot: Amount;
  readonly forward: Amount;
  /** Uncertainty of the option's own quote, per unit of underlying. */
  readonly quoteUncertainty: Amount;
  /** `plain` has the current market only, `scan` every cell of the class's table. */
  readonly plain: ScenarioOption;
  readonly scan?: ScenarioOption | undefined;
}

/** Expired: valued at the settlement price, whatever the market does now. */
export interface SettledTerms extends CommonTerms {
  readonly kind: 'settled';
  readonly isInverse: boolean;
  readonly settlementPrice: Price;
  /** Options only: per contract, in the coin if inverse, else in the numeraire. */
  readonly payoff?: Amount | undefined;
}

export type InstrumentTerms = LinearTerms | OptionTerms | SettledTerms;

interface Context extends Resolved {
  readonly assets: Lookup<AssetTerms>;
}

export function instrumentTerms(context: Context): Lookup<InstrumentTerms> {
  const compiler = new TermsCompiler(context);
  const terms = new Map<string, Result<InstrumentTerms>>();
  for (const [id, instrument] of context.market.instruments) {
    terms.set(id, instrument.ok ? compiler.termsOf(instrument.value) : instrument);
  }
  return terms;
}

class TermsCompiler {
  private readonly context: Context;
  private readonly classes = new Map<string, ClassTerms>();
  private readonly strikeIds = new Map<string, number>();

  constructor(context: Context) {
    this.context = context;
  }

  termsOf(instrument: Instrument): Result<InstrumentTerms> {
    const { market, asOf } = this.context;
    const settlement = this.settlementOf(instrument);
    if (!settlement.ok) return settlement;
    const riskClass = find(
      market.riskClasses,
      instrument.riskClass,
      'risk-class-unknown',
      `instrument ${instrument.instrument} names risk class ${instrument.riskClass}, ` +
        'but that class has no row',
    );
    if (!riskClass.ok) return riskClass;
    const found = { instrument, settlement: settlement.value, riskClass: riskClass.value };
    if (instrument.expiresAt !== undefined && instrument.expiresAt <= asOf) {
      return this.settled(found, instrument.expiresAt);
    }
    return instrument.type === 'option' ? this.option(found) : this.linear(found);
  }

  private settlementOf(instrument: Instrument): Result<Settlement> {
    const { instrument: name, settlementAsset, underlying, inverse } = instrument;
    const detail = `instrument ${name} settles in ${settlementAsset}, but there is no such asset`;
    const asset = find(this.context.assets, settlementAsset, 'asset-unknown', detail);
    if (!asset.ok) return asset;
    const { quoted } = asset.value;
    if (quoted?.factor.feed === underlying) {
      return known({ asset: asset.value, by: 'coin', rate: ONE });
    }
    if (inverse) {
      const why = `instrument ${name} is inverse, so it must settle in an asset on feed ${underlying}`;
      return unknown('settlement-unsuited', name, why);
    }
    if (quoted === undefined) return known({ asset: asset.value, by: 'own', rate: ONE });
    return known({ asset: asset.value, by: 'other', rate: countAt(quoted.price.price) });
  }

  private classOf(riskClass: RiskClass, { factor }: Quoted): ClassTerms {
    const key = `${riskClass.riskClass} ${factor.feed}`;
    const found = this.classes.get(key);
    if (found !== undefined) return found;
    const compiled = classTerms(riskClass, factor);
    this.classes.set(key, compiled);
    return compiled;
  }

  private strikeIdOf(expiryAndStrike: string): number {
    const found = this.strikeIds.get(expiryAndStrike) ?? this.strikeIds.size;
    this.strikeIds.set(expiryAndStrike, found);
    return found;
  }

  private linear({ instrument, settlement, riskClass }: Found): Result<LinearTerms> {
    const { instrument: name, inverse: isInverse, contractSize, type, underlying } = instrument;
    const feeds = { price: instrument.markFeed ?? underlying, factor: underlying };
    const quoted = quotedBy(feeds, this.context);
    if (!quoted.ok) return quoted;
    const mark = quoted.value.price;
    const contractValue = isInverse
      ? worth(contractSize, UNIT_PRICE)
      : worth(contractSize, mark.price);
    const ofClass = this.classOf(riskClass, quoted.value);
    const schedule = scheduleOf(ofClass, { instrument, contractValue });
    if (!schedule.ok) return schedule;
    return known({
      kind: 'linear',
      type: type === 'future' ? 'future' : 'perpetual',
      instrument: name,
      settlement,
      quoted: quoted.value,
      prices: [mark],
      isInverse,
      expiresAt: instrument.expiresAt,
      years: yearsOf((instrument.expiresAt ?? this.context.asOf) - this.context.asOf),
      contractSize,
      contractValue,
      size: isInverse ? divide(contractSize, countAt(mark.price)) : contractSize,
      ofClass,
      schedule: schedule.value,
      trading: tradingOf(instrument, riskClass, quoted.value),
      confidenceScore: mark.confidenceScore,
      fundingRatePerHour: this.fundingRateOf(instrument, mark),
    });
  }

  /** Futures have none. A perpetual's rate comes from its own feed, else from the underlying's. */
  private fundingRateOf({ type, underlying }: Instrument, mark: ResolvedPrice): Ratio | undefined {
    if (type === 'future') return ZERO;
    const index = this.context.feeds.get(underlying)?.price;
    return mark.fundingRatePerHour ?? (index?.ok ? index.value.fundingRatePerHour : undefined);
  }

  private option({ instrument, settlement, riskClass }: Found): Result<OptionTerms> {
    const { market, asOf } = this.context;
    const {
      instrument: name,
      underlying,
      markFeed,
      optionType,
      expiresAt,
      contractSize,
    } = instrument;
    const { strike } = instrument;
    if (strike === undefined || optionType === undefined || expiresAt === undefined) {
      return unknown(
        'row-malformed',
        name,
        `option ${name} needs strike, optionType and expiresAt`,
      );
    }
    const spot = quotedBy({ price: underlying, factor: underlying }, this.context);
    if (!spot.ok) return spot;
    const { rules, grid } = spot.value.factor;
    const quote = optionQuote({ feed: markFeed ?? name, market, rules, asOf });
    if (!quote.ok) return quote;
    const forward = this.forwardOf(instrument, { spot: spot.value, riskClass, expiresAt });
    if (!forward.ok) return forward;
    const years = yearsOf(expiresAt - asOf);
    const rate = approximately(riskClass.rate);
    const spotPrice = unitAmount(spot.value.price.price);
    const quoted = quotedValue(quote.value, instrument.inverse ? spotPrice : undefined);
    const terms = { type: optionType, strike: approximately(strike), yearsToExpiry: years };
    const state = {
      forward: approximately(forward.value.amount),
      discount: Math.exp(-rate * years),
    };
    const volatility = volatilityOf(quote.value, { terms, state, quoted });
    if (volatility === undefined) {
      const detail =
        `${quote.value.feed}: the price quoted for ${name} has no implied volatility, ` +
        'because it is higher than the option can ever pay';
      return unknown('option-price-impossible', quote.value.feed, detail);
    }
    const option = new PricedOption({
      ...{ type: optionType, strike: terms.strike, expiresAt, years, volatility, rate, quoted },
      forward: state.forward,
    });
    const ofClass = this.classOf(riskClass, spot.value);
    const scenariosOf = (shocks: readonly OptionShock[]) => {
      if (grid === undefined) throw new RangeError(`${underlying}: no price, so no price grid`);
      return new ScenarioOption({ option, shocks, grid });
    };
    const { portfolio } = ofClass;
    const asIs = { multiple: 1, volatility, years };
    const own = ownPrice(quote.value, { option, factor: spot.value });
    return known({
      kind: 'option',
      type: optionType,
      isInverse: instrument.inverse,
      instrument: name,
      settlement,
      expiresAt,
      quoted: { factor: spot.value.factor, price: own },
      prices: [spot.value.price, ...forward.value.prices],
      contractSize,
      contractValue: worthPer(contractSize, option.mark),
      trading: tradingOf(instrument, riskClass, spot.value),
      confidenceScore: [spot.value.price, ...forward.value.prices, own]
        .map(({ confidenceScore }) => confidenceScore)
        .reduce(smaller, ONE),
      ofClass,
      option,
      strikeId: this.strikeIdOf(`${expiresAt} ${terms.strike}`),
      strike: unitAmount(strike),
      spot: spotPrice,
      forward: forward.value.amount,
      quoteUncertainty: this.quoteUncertaintyOf(quote.value, { option, factor: spot.value }),
      plain: scenariosOf([asIs]),
      scan:
        portfolio &&
        scenariosOf(portfolio.cells.map((cell) => shockOn(option.input, cell, portfolio.rules))),
    });
  }

  /** From its own feed, else spot·e^{rτ}, which is the spot if r is 0. */
  private forwardOf(
    { forwardFeed, underlying }: Instrument,
    of: { readonly spot: Quoted; readonly riskClass: RiskClass; readonly expiresAt: number },
  ): Result<{ readonly amount: Amount; readonly prices: readonly MovingPrice[] }> {
    if (forwardFeed !== undefined) {
      const quoted = quotedBy({ price: forwardFeed, factor: underlying }, this.context);
      if (!quoted.ok) return quoted;
      const { price: forward } = quoted.value;
      return known({ amount: unitAmount(forward.price), prices: [forward] });
    }
    const years = yearsOf(of.expiresAt - this.context.asOf);
    const growth = Math.exp(approximately(of.riskClass.rate) * years);
    const spot = unitAmount(of.spot.price.price);
    return known({ amount: growth === 1 ? spot : times(spot, asRatio(growth)), prices: [] });
  }

  /**
   * Stated confidence plus the underlying's possible move since the quote, times delta. 0 if only a
   * volatility is quoted.
   */
  private quoteUncertaintyOf(quote: OptionQuote, { option, factor }: Owned): Amount {
    const { policy } = this.context.market;
    if (policy.uncertainty === 'none' || quote.price === undefined) return asAmount(0);
    const stated = times(option.mark, times(quote.confidence, policy.confidenceMultiplier));
    const drift = priceUncertainty({
      confidence: ZERO,
      confidenceMultiplier: ZERO,
      deviation: ZERO,
      quantile: policy.shockQuantile,
      volatility: factor.factor.volatility,
      ageSeconds: quote.ageSeconds,
    });
    const exposed = asAmount(Math.abs(option.greeks().delta) * option.input.forward);
    return add(stated, times(exposed, drift));
  }

  private settled({ instrument, settlement }: Found, expiresAt: number): Result<SettledTerms> {
    const { market, asOf } = this.context;
    const { instrument: name, underlying, settlementFeed, contractSize, inverse } = instrument;
    const quotes = settlementFeed === undefined ? [] : (market.quotes.get(settlementFeed) ?? []);
    const settledAt = settlementPrice(quotes, { from: expiresAt, asOf });
    if (settledAt === undefined) {
      const when = new Date(expiresAt).toISOString();
      const where =
        settlementFeed === undefined
          ? 'the instrument has no settlementFeed'
          : `${settlementFeed} has no quote from that time or later`;
      const detail =
        `${name} expired at ${when}, but ${where}. ` +
        'Add one, or settle the position and remove its row';
      return unknown('instrument-expired', name, detail);
    }
    const quoted = quotedBy({ price: underlying, factor: underlying }, this.context);
    if (!quoted.ok) return quoted;
    return known({
      kind: 'settled',
      instrument: name,
      settlement,
      quoted: quoted.value,
      prices: settlement.by === 'coin' ? [quoted.value.price] : [],
      contractSize,
      contractValue: asAmount(0),
      trading: FREE_TRADING,
      confidenceScore: ONE,
      isInverse: inverse,
      settlementPrice: settledAt,
      payoff: payoffOf(instrument, settledAt),
    });
  }
}

interface Found {
  readonly instrument: Instrument;
  readonly settlement: Settlement;
  readonly riskClass: RiskClass;
}

interface Owned {
  readonly option: PricedOption;
  readonly factor: Quoted;
}

const tradingOf = (market: Instrument, { liquidity }: RiskClass, { factor }: Quoted) =>
  tradingTerms(liquidity, { market, volatility: factor.volatility });

const ONE_UNIT = quantity('1');

const unitAmount = (at: Price): Amount => worth(ONE_UNIT, at);

const worthPer = (size: Quantity, each: Amount): Amount => times(each, countOf(size));

function scheduleOf(
  { riskClass, scale, tiers }: ClassTerms,
  of: { readonly instrument: Instrument; readonly contractValue: Amount },
): Result<Schedule | undefined> {
  const { margin } = riskClass;
  if (tiers !== undefined || margin === undefined) return known(tiers);
  if (growsWithSize(margin)) return known(undefined);
  const { openInterest, instrument } = of.instrument;
  if (openInterest === undefined) {
    const detail = `instrument ${instrument} has no openInterest, but its margin schedule needs it`;
    return unknown('open-interest-unknown', instrument, detail);
  }
  const notional = times(of.contractValue, countOf(openInterest));
  return known(scaledSchedule(scheduleFor(margin, { size: ZERO, openInterest: notional }), scale));
}

/** Converts a price in the coin to the numeraire. */
function quotedValue({ price: quoted }: OptionQuote, coin: Amount | undefined): Amount | undefined {
  if (quoted === undefined) return undefined;
  return coin === undefined ? unitAmount(quoted) : times(coin, countAt(quoted));
}

interface Pricing {
  readonly terms: {
    readonly type: 'call' | 'put';
    readonly strike: number;
    readonly yearsToExpiry: number;
  };
  readonly state: { readonly forward: number; readonly discount: number };
  readonly quoted: Amount | undefined;
}

/**
 * Quoted, or implied by the price. 0 if the price is at or below the discounted payoff at the
 * forward; undefined if it is at or above the most that the option can ever pay.
 */
function volatilityOf(quote: OptionQuote, { terms, state, quoted }: Pricing): number | undefined {
  if (quote.impliedVolatility !== undefined) return approximately(quote.impliedVolatility);
  if (quoted === undefined) return undefined;
  const value = approximately(quoted);
  const most = state.discount * (terms.type === 'call' ? state.forward : terms.strike);
  if (value >= most) return undefined;
  return impliedVolatility(terms, { price: value, ...state }) ?? 0;
}

/** The option's own quote, as a price that an account depends on. */
function ownPrice(quote: OptionQuote, { option, factor }: Owned): MovingPrice {
  const { impliedVolatility: _, ...rest } = quote;
  const { volatility, shockDown, shockUp, shock } = factor.factor;
  const price = quote.price ?? unitPriceOf(option.mark);
  return { ...rest, price, uncertainty: rest.confidence, volatility, shockDown, shockUp, shock };
}

function payoffOf(instrument: Instrument, settledAt: Price): Amount | undefined {
  const { type, strike, optionType, contractSize, inverse } = instrument;
  if (type !== 'option' || strike === undefined) return undefined;
  const isPaid = optionType === 'call' ? isAbove(settledAt, strike) : isAbove(strike, settledAt);
  if (!isPaid) return asAmount(0);
  const [high, low] = optionType === 'call' ? [settledAt, strike] : [strike, settledAt];
  const each = worthPer(contractSize, subtract(unitAmount(high), unitAmount(low)));
  return inverse ? divide(each, countAt(settledAt)) : each;
}
