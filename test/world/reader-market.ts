/** The market of a snapshot as the independent reader takes it: numbers, and what it covers. */
import type { FeedState } from '../../lambda/margin/curve/risk-factor.ts';
import type { Snapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import type {
  ReaderAsset,
  ReaderFeed,
  ReaderInstrument,
  ReaderMargin,
  ReaderMarket,
  ReaderPolicy,
} from './reader.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * @param marketRows as in the market table; a row of another kind or family is left out, so that
 *   the reader refuses whatever rests on it
 */
export function readerMarketOf(snapshot: Snapshot, marketRows: readonly Row[]): ReaderMarket {
  return {
    policy: policyOf(snapshot),
    feeds: feedsOf(snapshot),
    assets: byId(marketRows, 'asset', assetOf),
    instruments: byId(marketRows, 'instrument', instrumentOf),
    riskClasses: byId(marketRows, 'risk', riskClassOf),
  };
}

const numberOf = (value: unknown): number => Number(String(value));

function policyOf({ policy }: Snapshot): ReaderPolicy {
  return {
    liquidationMultiplier: numberOf(policy.liquidationMultiplier),
    callMultiplier: numberOf(policy.callMultiplier),
    callAt: policy.callAt,
    amountPlaces: policy.amountPlaces,
    latencyBuffer: policy.latencyBuffer,
    jointShockWeight: numberOf(policy.jointShockWeight),
  };
}

/** A feed whose class cannot be read is left out. */
function feedsOf({ feeds }: Snapshot): ReaderMarket['feeds'] {
  const known = [...feeds].filter(([, { factor }]) => factor.ok);
  return new Map(known.map(([name, state]) => [name, feedOf(state)]));
}

function feedOf({ price: resolved, factor }: FeedState): ReaderFeed | undefined {
  if (!resolved.ok || !factor.ok) return undefined;
  const { price: believed, uncertainty, doubt, aged } = resolved.value;
  const price = numberOf(believed);
  const range = (of: { from: unknown; to: unknown } | undefined) =>
    of && { low: price * numberOf(of.from), high: price * numberOf(of.to) };
  return {
    price,
    uncertainty: numberOf(uncertainty),
    doubt: range(doubt),
    aged: range(aged),
    shockDown: numberOf(factor.value.shockDown),
    shockUp: numberOf(factor.value.shockUp),
  };
}

function byId<T>(
  rows: readonly Row[],
  kind: string,
  read: (row: Row) => T | undefined,
): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const row of rows) {
    const value = row.kind === kind ? read(row) : undefined;
    if (value !== undefined) found.set(String(row.id), value);
  }
  return found;
}

/** Attributes that change no figure of an assessment. */
const TRADING = ['kind', 'id', 'riskClass', 'lotSize', 'minNotional', 'dailyVolume', 'depth'];

function hasOthers(row: Row, known: readonly string[]): boolean {
  return Object.keys(row).some(
    (name) =>
      ![...TRADING, ...known].includes(name) &&
      !name.startsWith('_') &&
      row[name] !== null &&
      row[name] !== undefined,
  );
}

function assetOf(row: Row): ReaderAsset | undefined {
  if (hasOthers(row, ['feed', 'collateralWeight', 'liabilityWeight'])) return undefined;
  if (typeof row.feed !== 'string') return undefined;
  return {
    feed: row.feed,
    collateralWeight: numberOf(row.collateralWeight ?? 1),
    liabilityWeight: numberOf(row.liabilityWeight ?? 1),
  };
}

const INSTRUMENT_NAMES = ['type', 'underlying', 'settlementAsset', 'contractSize', 'inverse'];

function instrumentOf(row: Row): ReaderInstrument | undefined {
  if (row.type !== 'perpetual' || hasOthers(row, INSTRUMENT_NAMES)) return undefined;
  return {
    underlying: String(row.underlying),
    settlementAsset: String(row.settlementAsset),
    contractSize: numberOf(row.contractSize ?? 1),
    inverse: row.inverse === true,
    riskClass: String(row.riskClass),
  };
}

/** These change a requirement; the others only how a price moves, which the feeds have. */
const CHARGED = ['venue', 'phaseIn', 'dynamic', 'requirementPlaces', 'openOrderCharge'];
const CHARGES = ['confidenceCharges', 'depegCharge'];

function riskClassOf(row: Row): { readonly margin: ReaderMargin } | undefined {
  const isCharged = [...CHARGED, ...CHARGES].some((name) => (row[name] ?? null) !== null);
  const margin = row.margin as Row | undefined | null;
  if (isCharged || !margin) return undefined;
  const read = marginOf(margin);
  return read && { margin: read };
}

function marginOf({ type, tiers, ...rates }: Row): ReaderMargin | undefined {
  if (type === 'flat') return { type, ...ratesOf(rates) };
  if (type !== 'tiered') return undefined;
  const of = (tier: Row) => ({ floor: numberOf(tier.floor), ...ratesOf(tier) });
  return { type, tiers: (tiers as Row[]).map(of) };
}

const ratesOf = ({ initial, maintenance }: Row) => ({
  initial: numberOf(initial),
  maintenance: numberOf(maintenance),
});
