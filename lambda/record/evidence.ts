/** Selects the market rows for an account's decision record. */

import type { Capacity } from '../margin/liquidation/capacity.ts';
import type { PreviousPrices } from '../margin/market/oracle.ts';
import type { CheckOutage } from '../margin/market/outage.ts';
import type { MeasuredVolatilities } from '../margin/market/volatility.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import type { Deleveraging } from '../margin/waterfall/deleveraging.ts';
import { type AccountRows, keyText, type RawRow } from '../rows/raw-row.ts';
import { laidOut } from '../rows/venues/venues.ts';

/** Indexed once per check, with venue presets expanded. */
export class MarketRows {
  private readonly rows = new Map<string, RawRow>();
  private readonly quotesByFeed = new Map<string, RawRow[]>();
  private readonly previousPrices: PreviousPrices;
  private readonly volatilities: MeasuredVolatilities;
  private readonly gapSeconds: number;
  private readonly snapshot: Snapshot;

  constructor(input: {
    readonly rows: readonly RawRow[];
    readonly previousPrices: PreviousPrices;
    readonly volatilities: MeasuredVolatilities;
    readonly gapSeconds: number;
    readonly snapshot: Snapshot;
  }) {
    this.previousPrices = input.previousPrices;
    this.volatilities = input.volatilities;
    this.gapSeconds = input.gapSeconds;
    this.snapshot = input.snapshot;
    for (const row of input.rows.map(laidOut)) {
      this.rows.set(`${keyText(row.kind)}/${keyText(row.id)}`, row);
      if (row.kind !== 'quote') continue;
      const [feed = ''] = keyText(row.id).split('#');
      const quotes = this.quotesByFeed.get(feed);
      if (quotes === undefined) this.quotesByFeed.set(feed, [row]);
      else quotes.push(row);
    }
  }

  /** Markets that a liquidation of the account could trade in. */
  marketsOf(account: AccountRows): string[] {
    const named = this.rowsNamedBy(account);
    const markets = named.filter(({ kind }) => kind === 'instrument' || kind === 'asset');
    return [...new Set(markets.map(({ id }) => keyText(id)))];
  }

  /**
   * All that an assessment of the account needs.
   * @param limits capacity that its plan kept within, and deleveragings that it left out
   */
  evidenceFor(
    account: AccountRows,
    limits?: Pick<Evidence, 'capacity' | 'deleveragings'>,
  ): Evidence {
    // Orders are paid for in the numeraire, whose weights count.
    const numeraire = this.row('asset', this.snapshot.policy.numeraire);
    const named = [...this.rowsNamedBy(account), ...numeraire];
    const feeds = [...new Set(named.flatMap(feedsOf))];
    const classes = feeds.map((feed) => this.snapshot.feeds.get(feed)?.classes ?? []);
    const ofClasses = classes.flat().flatMap((name) => this.row('risk', name));
    const quotes = feeds.flatMap((feed) => this.quotesByFeed.get(feed) ?? []);
    const ofFeeds = <V>(all: ReadonlyMap<string, V>) =>
      new Map(feeds.filter((feed) => all.has(feed)).map((feed) => [feed, all.get(feed) as V]));
    return {
      asOf: this.snapshot.asOf,
      gapSeconds: this.gapSeconds,
      outage: this.snapshot.outage,
      previousPrices: ofFeeds(this.previousPrices),
      volatilities: ofFeeds(this.volatilities),
      feedClasses: new Map(feeds.map((feed, index) => [feed, classes[index] ?? []])),
      marketRows: [...new Set([...named, ...ofClasses, ...quotes])],
      accounts: [account],
      ...limits,
    };
  }

  private row(kind: string, id: unknown): RawRow[] {
    const found = this.rows.get(`${kind}/${keyText(id)}`);
    return found === undefined ? [] : [found];
  }

  private rowsNamedBy({ rows }: AccountRows): RawRow[] {
    const instruments = rows.flatMap(({ instrument }) => this.row('instrument', instrument));
    const settled = instruments.map(({ settlementAsset }) => settlementAsset);
    const assets = [...rows.map(({ asset }) => asset), ...settled].flatMap((id) =>
      this.row('asset', id),
    );
    const locations = rows.flatMap(({ location }) => this.row('location', location));
    const held = [...instruments, ...assets];
    const classes = held.flatMap(({ riskClass, id }) => this.row('risk', riskClass ?? id));
    const lending = classes.flatMap(({ portfolioOf }) => this.row('risk', portfolioOf));
    return [...this.row('policy', 'default'), ...held, ...locations, ...classes, ...lending];
  }
}

/**
 * The rows that a sub-account rests on. An isolated position needs none of the others: thousands of
 * them in one account would otherwise record it thousands of times.
 */
export function rowsBehind(account: AccountRows, position: string | undefined): AccountRows {
  if (position === undefined) return account;
  const byItem = rowsByItem(account);
  const rows = [`position#${position}`, 'profile'].map((item) => byItem.get(item));
  return { ...account, rows: rows.filter((row) => row !== undefined) };
}

/** Kept while the account is, because each of its isolated positions is looked up. */
const indexes = new WeakMap<AccountRows, ReadonlyMap<unknown, RawRow>>();

function rowsByItem(account: AccountRows): ReadonlyMap<unknown, RawRow> {
  const known = indexes.get(account);
  if (known !== undefined) return known;
  const index = new Map(account.rows.map((row) => [row.item, row]));
  indexes.set(account, index);
  return index;
}

/** Feeds of an asset, an instrument, or a risk class's stablecoin. */
function feedsOf(row: RawRow): string[] {
  const { feed, initialPriceFeed, underlying, markFeed, forwardFeed, settlementFeed, hedges } = row;
  const { depegCharge, portfolio, confidenceCharges } = row;
  const charges = Array.isArray(confidenceCharges) ? confidenceCharges : [];
  const named = [
    ...[feed, initialPriceFeed, underlying, markFeed, forwardFeed, settlementFeed, hedges],
    attributeOf(depegCharge, 'feed'),
    attributeOf(attributeOf(portfolio, 'depegFactor'), 'feed'),
    ...charges.map((charge) => attributeOf(charge, 'scoreFeed')),
  ];
  return named.filter((name) => typeof name === 'string');
}

const attributeOf = (of: unknown, name: string): unknown =>
  typeof of === 'object' && of !== null ? (of as RawRow)[name] : undefined;

/** The rows and times that assessments rest on: a document as read. */
export interface Evidence {
  readonly asOf: number;
  /** Δ of the latency buffer. */
  readonly gapSeconds: number;
  /** Ended by this check; absent if the policy gives no grace for it. */
  readonly outage?: CheckOutage | undefined;
  readonly previousPrices: PreviousPrices;
  /** By feed, if its class measures volatility. */
  readonly volatilities: MeasuredVolatilities;
  /** By feed, in addition to those of its assets and instruments. */
  readonly feedClasses: ReadonlyMap<string, readonly string[]>;
  readonly marketRows: readonly RawRow[];
  readonly accounts: readonly AccountRows[];
  /** Absent if unlimited. */
  readonly capacity?: Capacity | undefined;
  /** A second read of the account's rows found others. */
  readonly rowsDiffer?: boolean | undefined;
  /** The plan leaves these to counterparties. */
  readonly deleveragings?: readonly Deleveraging[] | undefined;
}
