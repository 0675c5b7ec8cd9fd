/** The market rows that an account rests on, by the names in its rows alone. */
import type { Item } from '../../lambda/aws/attribute-values.ts';
import { placeOf, textIn } from './items.ts';
import { isZeroText } from './rules.ts';

/** Places such as `market asset/BTC`. */
export interface Needs {
  /** Without one of them, nothing is known of the sub-account. */
  readonly rows: ReadonlySet<string>;
  /** Feeds of the prices that its figures use. */
  readonly feeds: ReadonlySet<string>;
  /** All rows and feeds' quotes that might matter to it, and those. */
  readonly related: ReadonlySet<string>;
}

export type Market = ReadonlyMap<string, Item>;

export const byPlace = (items: readonly Item[]): Map<string, Item> =>
  new Map(items.map((item) => [placeOf('market', item), item]));

/** By position; empty for the cross book. The rows have to be readable. */
export function needsOf(items: readonly Item[], market: Market): Map<string, Needs> {
  const books = new Map<string, Item[]>([['', []]]);
  for (const item of items) {
    const isIsolated = present(item, 'isolatedMargin');
    const name = isIsolated ? (textIn(item, 'item') ?? '').slice('position#'.length) : '';
    books.set(name, [...(books.get(name) ?? []), item]);
  }
  return new Map([...books].map(([name, rows]) => [name, needsOfBook(rows, market)]));
}

const present = (item: Item, name: string): boolean =>
  Object.hasOwn(item, name) && item[name]?.NULL === undefined;

const isZero = (item: Item, name: string): boolean =>
  !present(item, name) || isZeroText(item[name]?.N ?? item[name]?.S ?? '');

class Gathered {
  readonly rows = new Set<string>();
  readonly feeds = new Set<string>();
  readonly related = new Set<string>();
  private readonly market: Market;

  constructor(market: Market) {
    this.market = market;
  }

  private row(kind: string, id: string, isNeeded: boolean): Item | undefined {
    const place = `market ${kind}/${id}`;
    this.related.add(place);
    if (isNeeded) this.rows.add(place);
    return this.market.get(place);
  }

  private feed(name: string | undefined, isNeeded: boolean): void {
    if (name === undefined) return;
    this.related.add(`feed ${name}`);
    if (isNeeded) this.feeds.add(name);
  }

  asset(id: string, isNeeded: boolean): void {
    const isNumeraire = id === 'USD';
    const row = this.row(
      'asset',
      id,
      isNeeded && !(isNumeraire && !this.has(`market asset/${id}`)),
    );
    if (row === undefined) return;
    this.feed(textIn(row, 'feed'), isNeeded);
    this.feed(textIn(row, 'initialPriceFeed'), isNeeded);
    this.feed(textIn(row, 'hedges'), isNeeded);
    const named = textIn(row, 'riskClass');
    if (!isNumeraire) this.riskClass(named ?? id, isNeeded && this.isClass(named, id));
  }

  private isClass = (named: string | undefined, id: string): boolean =>
    named !== undefined || this.has(`market risk/${id}`);

  private has = (place: string): boolean => this.market.has(place);

  location(id: string, isNeeded: boolean): void {
    this.row('location', id, isNeeded);
  }

  instrument(id: string, isNeeded: boolean): void {
    const row = this.row('instrument', id, isNeeded);
    if (row === undefined) return;
    for (const name of ['underlying', 'markFeed', 'forwardFeed', 'settlementFeed']) {
      this.feed(textIn(row, name), isNeeded);
    }
    this.asset(textIn(row, 'settlementAsset') ?? '', isNeeded);
    this.riskClass(
      textIn(row, 'riskClass') ?? '',
      isNeeded && textIn(row, 'settlementFeed') === undefined,
    );
  }

  private riskClass(id: string, isNeeded: boolean): void {
    const row = this.row('risk', id, isNeeded);
    const charge = row?.depegCharge?.M;
    if (charge !== undefined) this.feed(textIn(charge, 'feed'), isNeeded);
    const factor = row?.portfolio?.M?.depegFactor?.M;
    if (factor !== undefined) this.stablecoin(textIn(factor, 'feed'));
  }

  /** Only portfolio accounts ask its price, whose volatility is that of the class of an asset. */
  private stablecoin(feed: string | undefined): void {
    this.feed(feed, false);
    for (const row of this.market.values()) {
      const isPriced = textIn(row, 'kind') === 'asset' && textIn(row, 'feed') === feed;
      if (isPriced && feed !== undefined) this.asset(textIn(row, 'id') ?? '', false);
    }
  }
}

function needsOfBook(items: readonly Item[], market: Market): Needs {
  const gathered = new Gathered(market);
  for (const item of items) {
    const asset = textIn(item, 'asset');
    const instrument = textIn(item, 'instrument');
    const key = textIn(item, 'item') ?? '';
    if (key.startsWith('balance#') && asset !== undefined) {
      const isHeld = ['amount', 'openBuyQuantity', 'openSellQuantity', 'openOrderCount'].some(
        (name) => !isZero(item, name),
      );
      gathered.asset(asset, isHeld);
      const isDebt = (item.amount?.N ?? item.amount?.S ?? '').startsWith('-');
      const location = textIn(item, 'location');
      if (location !== undefined) gathered.location(location, isHeld && !isDebt);
    }
    if (key.startsWith('position#') && instrument !== undefined) {
      const sizes = ['quantity', 'openBuyQuantity', 'openSellQuantity', 'openOrderCount'];
      gathered.instrument(
        instrument,
        sizes.some((name) => !isZero(item, name)),
      );
    }
  }
  return gathered;
}
