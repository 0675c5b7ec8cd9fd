/** The terms of one unit of an asset. */

import {
  type FeedState,
  movingWith,
  type Quoted,
  type ResolvedPrice,
  type RiskFactor,
} from '../curve/risk-factor.ts';
import type { ConfidenceCharge } from '../market/charges.ts';
import type { Asset, Compounding, Market } from '../market/market.ts';
import type { Liquidity, RiskClass } from '../market/risk-class.ts';
import { cutDown, rootDiscounted, rootScaled } from '../market/root-scaling.ts';
import { FREE_TRADING, type TradingTerms, tradingTerms } from '../market/trading.ts';
import {
  type Amount,
  absolute,
  add,
  countOf,
  isAbove,
  isNegative,
  larger,
  NO_AMOUNT,
  ONE,
  type Price,
  type Quantity,
  type Ratio,
  ratioBetween,
  smaller,
  subtract,
  times,
  UNIT_PRICE,
  worth,
  ZERO,
} from '../number/decimal.ts';
import { find, known, type Lookup, type Result, unknown } from '../number/reason.ts';
import { type ClassTerms, classTerms } from '../portfolio/class-terms.ts';

/** Initial weights are applied at least as cautiously as maintenance weights. */
export interface AssetWeights {
  readonly collateral: Ratio;
  readonly liability: Ratio;
  readonly initialCollateral: Ratio;
  readonly initialLiability: Ratio;
  /** k of the size scaling; 0 for none. */
  readonly scaling: Ratio;
  readonly initialScaling: Ratio;
  /** Decimal places to which weights are cut down. Absent: none is. */
  readonly places?: number | undefined;
  /** r = 1 ÷ leverage: initially at most 1 − r as collateral, at least 1 + r as a debt. */
  readonly leastRate?: Ratio | undefined;
}

const FULL_WEIGHTS: AssetWeights = {
  collateral: ONE,
  liability: ONE,
  initialCollateral: ONE,
  initialLiability: ONE,
  scaling: ZERO,
  initialScaling: ZERO,
};

/** With the score of the further feed that it names, if it does. */
export interface ScoredCharge extends ConfidenceCharge {
  readonly score?: Ratio | undefined;
}

export interface AssetTerms {
  readonly asset: string;
  /** Absent for the numeraire. */
  readonly quoted?: Quoted | undefined;
  readonly price: Price;
  readonly weights: AssetWeights;
  /** Initially a deposit counts at the lesser, a loan at the greater of the two prices. */
  readonly initialPrice?: ResolvedPrice | undefined;
  /** From the asset's risk class. */
  readonly confidenceCharges: readonly ScoredCharge[];
  /** Per open order, from the class too. */
  readonly openOrderCharge: Amount;
  /** Absent if unknown. */
  readonly borrowRatePerHour?: Ratio | undefined;
  readonly compounding?: Compounding | undefined;
  readonly trading: TradingTerms;
  /** Replaces the bonus of the policy. */
  readonly swapBonus?: Ratio | undefined;
  /** The class whose portfolio model includes the whole balance. */
  readonly scannedBy?: ClassTerms | undefined;
  /** No portfolio model revalues it, or that of another underlying does. */
  readonly isOutOfScan?: true | undefined;
  /** The book of another underlying that it is revalued with. */
  readonly hedging?: { readonly factor: RiskFactor; readonly ofClass: ClassTerms } | undefined;
}

export interface Resolved {
  readonly market: Market;
  readonly feeds: ReadonlyMap<string, FeedState>;
  readonly asOf: number;
}

const numeraireTerms = (asset: string, row: Asset | undefined): AssetTerms => ({
  asset,
  price: UNIT_PRICE,
  weights: row === undefined ? FULL_WEIGHTS : weightsOf(row, UNIT_PRICE),
  confidenceCharges: [],
  openOrderCharge: NO_AMOUNT,
  borrowRatePerHour: row?.borrowRatePerHour,
  compounding: row?.interestCompounding,
  trading: FREE_TRADING,
  ...(row?.swapBonus === undefined ? {} : { swapBonus: row.swapBonus }),
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
      'row-malformed',
      asset.asset,
      `asset ${asset.asset} has no feed; all except the numeraire ${market.policy.numeraire} need one`,
    );
  }
  const own = classOfAsset(asset, market);
  if (own?.ok === false) return own;
  const quoted = quotedBy({ price: asset.feed, factor: asset.feed }, resolved);
  if (!quoted.ok) return quoted;
  const charges = scoredCharges(own?.value.confidenceCharges ?? [], resolved);
  if (!charges.ok) return charges;
  const hedging = hedgingOf(asset, own?.value, resolved);
  if (!hedging.ok) return hedging;
  const isOut = !asset.riskCancelling || hedging.value !== undefined;
  const initialPrice = initialPriceOf(asset, resolved);
  if (initialPrice?.ok === false) return initialPrice;
  return known({
    asset: asset.asset,
    initialPrice: initialPrice?.value,
    quoted: quoted.value,
    price: quoted.value.price.price,
    weights: weightsOf(asset, quoted.value.price.price),
    confidenceCharges: charges.value,
    openOrderCharge: own?.value.openOrderCharge ?? NO_AMOUNT,
    borrowRatePerHour: asset.borrowRatePerHour,
    compounding: asset.interestCompounding,
    trading: tradingOfAsset(asset, own?.value, quoted.value),
    ...(asset.swapBonus === undefined ? {} : { swapBonus: asset.swapBonus }),
    ...(isOut ? { isOutOfScan: true } : {}),
    scannedBy: isOut ? undefined : own && scanOf(own.value, quoted.value, resolved),
    hedging: hedging.value,
  });
}

function scoredCharges(
  charges: readonly ConfidenceCharge[],
  { feeds }: Resolved,
): Result<readonly ScoredCharge[]> {
  const scored: ScoredCharge[] = [];
  for (const charge of charges) {
    const feed = charge.of === 'collateral' ? charge.scoreFeed : undefined;
    const price = feed === undefined ? undefined : feeds.get(feed)?.price;
    if (feed !== undefined && !price?.ok) {
      return unknown('price-missing', feed, `${feed}: no usable quote`);
    }
    scored.push(price?.ok ? { ...charge, score: price.value.confidenceScore } : charge);
  }
  return known(scored);
}

/** A misspelt feed must not make the holders poor: without a price nothing of the asset is known. */
function initialPriceOf(
  { asset, initialPriceFeed: feed }: Asset,
  { feeds }: Resolved,
): Result<ResolvedPrice> | undefined {
  if (feed === undefined) return undefined;
  const price = feeds.get(feed)?.price;
  if (price !== undefined && (price.ok || price.reason.code !== 'price-missing')) return price;
  const detail = `asset ${asset} has initialPriceFeed ${feed}, which has no usable quote`;
  return unknown('row-malformed', asset, detail);
}

/** With `collateral: all` the whole balance is in the portfolio model, even without a position. */
const scanOf = (
  riskClass: RiskClass,
  { factor }: Quoted,
  { feeds }: Resolved,
): ClassTerms | undefined =>
  riskClass.portfolio?.collateral === 'all' ? classTerms(riskClass, factor, feeds) : undefined;

function hedgingOf(
  { asset, feed, hedges }: Asset,
  riskClass: RiskClass | undefined,
  { feeds }: Resolved,
): Result<AssetTerms['hedging']> {
  if (hedges === undefined || hedges === feed) return known(undefined);
  const factor = feeds.get(hedges)?.factor;
  if (factor === undefined) return unknown('price-missing', hedges, `${hedges}: no usable quote`);
  if (!factor.ok) return factor;
  if (riskClass?.portfolio === undefined) {
    const detail = `asset ${asset} hedges ${hedges}, but its risk class has no portfolio`;
    return unknown('row-malformed', asset, detail);
  }
  return known({ factor: factor.value, ofClass: classTerms(riskClass, factor.value, feeds) });
}

function weightsOf(asset: Asset, price: Price): AssetWeights {
  const { collateralWeight: collateral, liabilityWeight: liability, sizeScaling } = asset;
  const scaling = sizeScaling ?? ZERO;
  const places = asset.weightPlaces;
  return {
    collateral,
    liability,
    initialCollateral: cutDown(times(initialCollateralOf(asset), shareOfAll(asset, price)), places),
    initialLiability: asset.initialLiabilityWeight ?? liability,
    scaling,
    initialScaling: asset.initialSizeScaling ?? scaling,
    ...(places === undefined ? {} : { places }),
  };
}

const initialCollateralOf = ({ initialCollateralWeight, collateralWeight }: Asset): Ratio =>
  initialCollateralWeight ?? collateralWeight;

/** min(1, start ÷ the value of all deposits), at the price of the check as open interest is. */
function shareOfAll({ totalDeposits, weightScaleStart }: Asset, price: Price): Ratio {
  if (weightScaleStart === undefined || totalDeposits === undefined) return ONE;
  const value = worth(totalDeposits, price);
  return isAbove(value, weightScaleStart) ? ratioBetween(weightScaleStart, value) : ONE;
}

/** Collateral weights of a holding, or liability weights of a debt. */
export interface Weighing {
  readonly maintenance: Ratio;
  readonly initial: Ratio;
}

export function weighing(weights: AssetWeights, units: Quantity): Weighing {
  const size = countOf(absolute(units));
  const isDebt = isNegative(units);
  const scale = isDebt ? rootScaled : rootDiscounted;
  const { scaling, initialScaling, places } = weights;
  const scaled = (weight: Ratio, by: Ratio) =>
    by === ZERO ? weight : scale(weight, { scaling: by, size, places });
  const maintenance = scaled(isDebt ? weights.liability : weights.collateral, scaling);
  const initial = scaled(
    isDebt ? weights.initialLiability : weights.initialCollateral,
    initialScaling,
  );
  const cautious = isDebt ? larger : smaller;
  const least = cautious(initial, maintenance);
  const { leastRate: own } = weights;
  return {
    maintenance,
    initial: own === undefined ? least : cautious(least, limited(own, isDebt)),
  };
}

const limited = (own: Ratio, isDebt: boolean): Ratio =>
  isDebt ? add(ONE, own) : larger(subtract(ONE, own), ZERO);

/** The class that the asset names, or the class of the same name; undefined if it has neither. */
function classOfAsset({ asset, riskClass }: Asset, { riskClasses }: Market) {
  if (riskClass === undefined) return riskClasses.get(asset);
  const detail = `asset ${asset} names risk class ${riskClass}, but that class has no row`;
  return find(riskClasses, riskClass, 'risk-class-unknown', detail);
}

const NO_LIQUIDITY: Liquidity = { fee: ZERO, slippage: ZERO, impact: ZERO, liquidationFee: ZERO };

/** Without a class, trading costs are taken as 0. */
function tradingOfAsset(market: Asset, riskClass: RiskClass | undefined, { factor }: Quoted) {
  const { volatility } = factor;
  return tradingTerms(riskClass?.liquidity ?? NO_LIQUIDITY, { market, volatility });
}

/** @returns 'price-missing' if the feed of the price never had one */
export function quotedBy(
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
  if (!quoted.ok) return unknown('price-missing', named.price, quoted.reason.detail);
  return known({
    factor: factor.value,
    price: { ...quoted.value, ...movingWith(factor.value) },
  });
}
