/** What one unit of an asset, or one contract of an instrument, means to an account at this check. */
import {
  type Amount,
  add,
  ONE,
  type Price,
  price,
  type Quantity,
  type Ratio,
  worth,
  ZERO,
} from './decimal.ts';
import type { Asset, Instrument, Market, RiskClass } from './market.ts';
import { find, known, type Lookup, type Result, unknown } from './reason.ts';
import type { Schedule } from './schedule.ts';
import type { Shocks } from './shock.ts';
import type { FeedState, ResolvedPrice, RiskFactor } from './snapshot.ts';

/** What gives the price of a holding, and what moves it. */
export interface Quoted {
  readonly factor: RiskFactor;
  readonly price: MovingPrice;
}

/** A price, with the volatility and the latency shocks of the risk factor that moves it. */
export interface MovingPrice extends ResolvedPrice, Shocks {
  readonly volatility: Ratio;
}

export interface AssetTerms {
  readonly asset: string;
  /** Absent for the numeraire. */
  readonly quoted?: Quoted | undefined;
  readonly price: Price;
  readonly collateralWeight: Ratio;
  readonly liabilityWeight: Ratio;
  /** Absent when no rate is known. */
  readonly borrowRatePerHour?: Ratio | undefined;
  /** Fee and slippage of trading it, as a fraction of its value. */
  readonly unitCost: Ratio;
}

export interface InstrumentTerms {
  readonly instrument: string;
  readonly settlementAsset: string;
  readonly quoted: Quoted;
  /** Of one contract, at the mark. */
  readonly contractSize: Quantity;
  readonly contractValue: Amount;
  readonly schedule: Schedule;
  readonly unitCost: Ratio;
  /** Fraction of the notional that a long pays an hour; absent when no rate is known. */
  readonly fundingRatePerHour?: Ratio | undefined;
}

interface Resolved {
  readonly market: Market;
  readonly feeds: ReadonlyMap<string, FeedState>;
  readonly asOf: number;
}

const UNIT_PRICE = price('1');

const numeraireTerms = (asset: string, row: Asset | undefined): AssetTerms => ({
  asset,
  price: UNIT_PRICE,
  collateralWeight: ONE,
  liabilityWeight: ONE,
  borrowRatePerHour: row?.borrowRatePerHour,
  unitCost: ZERO,
});

export function assetTerms(resolved: Resolved): Lookup<AssetTerms> {
  const { assets, policy } = resolved.market;
  const terms = new Map<string, Result<AssetTerms>>();
  for (const [id, asset] of assets) {
    terms.set(id, asset.ok ? termsOfAsset(asset.value, resolved) : asset);
  }
  const row = assets.get(policy.numeraire);
  if (row === undefined || row.ok) {
    terms.set(policy.numeraire, known(numeraireTerms(policy.numeraire, row?.value)));
  }
  return terms;
}

function termsOfAsset(asset: Asset, resolved: Resolved): Result<AssetTerms> {
  const { market } = resolved;
  if (asset.feed === undefined) {
    return unknown(
      'price-missing',
      asset.asset,
      `asset ${asset.asset} has no feed; only the numeraire ${market.policy.numeraire} may have none`,
    );
  }
  const own = classOfAsset(asset, market);
  if (own?.ok === false) return own;
  const quoted = quotedBy({ price: asset.feed, factor: asset.feed }, resolved);
  if (!quoted.ok) return quoted;
  return known({
    asset: asset.asset,
    quoted: quoted.value,
    price: quoted.value.price.price,
    collateralWeight: asset.collateralWeight,
    liabilityWeight: asset.liabilityWeight,
    borrowRatePerHour: asset.borrowRatePerHour,
    unitCost: own === undefined ? ZERO : unitCostOf(own.value),
  });
}

/** The class that it names, or the one of its own name; undefined when it has neither. */
function classOfAsset({ asset, riskClass }: Asset, { riskClasses }: Market) {
  if (riskClass === undefined) return riskClasses.get(asset);
  const detail = `asset ${asset} names the risk class ${riskClass}, which has no row`;
  return find(riskClasses, riskClass, 'risk-class-unknown', detail);
}

export function instrumentTerms(resolved: Resolved): Lookup<InstrumentTerms> {
  const terms = new Map<string, Result<InstrumentTerms>>();
  for (const [id, instrument] of resolved.market.instruments) {
    terms.set(id, instrument.ok ? termsOfInstrument(instrument.value, resolved) : instrument);
  }
  return terms;
}

function termsOfInstrument(instrument: Instrument, resolved: Resolved): Result<InstrumentTerms> {
  const name = instrument.instrument;
  if (instrument.expiresAt !== undefined && instrument.expiresAt <= resolved.asOf) {
    const when = new Date(instrument.expiresAt).toISOString();
    const detail = `${name} expired at ${when}; settle the position and remove its row`;
    return unknown('instrument-expired', name, detail);
  }
  const riskClass = find(
    resolved.market.riskClasses,
    instrument.riskClass,
    'risk-class-unknown',
    `instrument ${name} names the risk class ${instrument.riskClass}, which has no row`,
  );
  if (!riskClass.ok) return riskClass;
  const schedule =
    riskClass.value.margin?.type === 'tiered' ? riskClass.value.margin.tiers : undefined;
  if (schedule === undefined) {
    const detail = `risk class ${instrument.riskClass} of instrument ${name} has no margin schedule`;
    return unknown('risk-class-unknown', instrument.riskClass, detail);
  }
  const feeds = {
    price: instrument.markFeed ?? instrument.underlying,
    factor: instrument.underlying,
  };
  const quoted = quotedBy(feeds, resolved);
  if (!quoted.ok) return quoted;
  const mark = quoted.value.price;
  return known({
    instrument: name,
    settlementAsset: instrument.settlementAsset,
    quoted: quoted.value,
    contractSize: instrument.contractSize,
    contractValue: worth(instrument.contractSize, mark.price),
    schedule,
    unitCost: unitCostOf(riskClass.value),
    fundingRatePerHour: fundingRateOf(instrument, mark, resolved),
  });
}

/** A future has none. A perpetual's may stand on its own feed or on the underlying's. */
function fundingRateOf(
  { type, underlying }: Instrument,
  mark: ResolvedPrice,
  { feeds }: Resolved,
): Ratio | undefined {
  if (type === 'future') return ZERO;
  const index = feeds.get(underlying)?.price;
  return mark.fundingRatePerHour ?? (index?.ok ? index.value.fundingRatePerHour : undefined);
}

const unitCostOf = ({ liquidity }: RiskClass): Ratio => add(liquidity.fee, liquidity.slippage);

function quotedBy(
  named: { readonly price: string; readonly factor: string },
  { feeds }: Resolved,
): Result<Quoted> {
  const factor = feeds.get(named.factor)?.factor;
  const quoted = feeds.get(named.price)?.price;
  if (factor === undefined || quoted === undefined) {
    const missing = factor === undefined ? named.factor : named.price;
    return unknown('price-missing', missing, `${missing}: no usable quote`);
  }
  if (!factor.ok) return factor;
  if (!quoted.ok) return quoted;
  const { volatility, shockDown, shockUp, shock } = factor.value;
  const moving = { ...quoted.value, volatility, shockDown, shockUp, shock };
  return known({ factor: factor.value, price: moving });
}
