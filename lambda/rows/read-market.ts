import type {
  Asset,
  Instrument,
  Location,
  Market,
  Quote,
  VolatilityQuote,
} from '../margin/market/market.ts';
import type { Policy } from '../margin/market/policy.ts';
import type { RiskClass } from '../margin/market/risk-class.ts';
import { type Amount, isZero } from '../margin/number/decimal.ts';
import { known, type Reason, type Result } from '../margin/number/reason.ts';
import { attributesOf, faultIn, rowFault, rowFaultOf } from './fault.ts';
import { idField } from './fields.ts';
import { instrumentAttributes } from './instrument-row.ts';
import {
  assetAttributes,
  fundAttributes,
  locationAttributes,
  quoteAttributes,
} from './market-rows.ts';
import { policyAttributes, policyOf } from './policy-row.ts';
import { keyText, type RawRow } from './raw-row.ts';
import { riskAttributes, riskClassOf } from './risk-row.ts';
import { laidOut, venueFault } from './venues/venues.ts';
import type * as z from './zod.ts';

/** Without a usable policy no account can be assessed. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

/** The usable rows of the market table, and the faults of the others. */
export interface MarketReading {
  readonly market: Market;
  /** By source: the total ever paid in less what was taken out, in the numeraire. */
  readonly totals: ReadonlyMap<string, Amount>;
  /** One per row that could not be read. */
  readonly faults: readonly Reason[];
}

const KEYS = ['kind', 'id'] as const;
const id = idField('');

/**
 * The market from the rows of the market table. A row that cannot be read is a fault.
 * @throws PolicyError when the row policy/default is missing or malformed.
 */
export function readMarket(
  rows: readonly RawRow[],
  feedClasses: Market['feedClasses'] = new Map(),
): MarketReading {
  const reader = new MarketReader();
  for (const row of rows) reader.read(row);
  return reader.finish(feedClasses);
}

class MarketReader {
  private policy: Policy | undefined;
  private readonly assets = new Map<string, Result<Asset>>();
  private readonly locations = new Map<string, Result<Location>>();
  private readonly instruments = new Map<string, Result<Instrument>>();
  private readonly riskClasses = new Map<string, Result<RiskClass>>();
  private readonly quotes = new Map<string, Quote[]>();
  private readonly volatilityQuotes = new Map<string, VolatilityQuote[]>();
  private readonly quoteFaults = new Map<string, Reason>();
  /** Feeds with a price of 0, and its row. */
  private readonly worthless = new Map<string, string>();
  private readonly totals = new Map<string, Amount>();
  private readonly faults: Reason[] = [];

  read(row: RawRow): void {
    const kind = keyText(row.kind);
    const name = keyText(row.id);
    const place = `market ${kind}/${name}`;
    if (kind === 'policy') this.readPolicy(place, row);
    else if (kind === 'quote') this.readQuote(place, name, row);
    else if (kind === 'asset') this.readAsset(place, name, row);
    else if (kind === 'location') this.readLocation(place, name, row);
    else if (kind === 'instrument') this.readInstrument(place, name, row);
    else if (kind === 'risk') this.readRisk(place, name, row);
    else if (kind === 'fund') this.readFund(place, name, row);
    else
      this.faults.push(
        rowFaultOf(
          place,
          'unknown kind of row; it must be policy, asset, location, instrument, risk, quote or ' +
            'fund',
        ),
      );
  }

  private readAsset(place: string, asset: string, row: RawRow): void {
    const read = this.parseNamed(place, asset, row, assetAttributes);
    this.assets.set(asset, read.ok ? known({ asset, ...read.value }) : read);
  }

  private readLocation(place: string, location: string, row: RawRow): void {
    const read = this.parseNamed(place, location, row, locationAttributes);
    this.locations.set(location, read.ok ? known({ location, ...read.value }) : read);
  }

  private readInstrument(place: string, instrument: string, row: RawRow): void {
    const read = this.parseNamed(place, instrument, row, instrumentAttributes);
    this.instruments.set(instrument, read.ok ? known({ instrument, ...read.value }) : read);
  }

  private readRisk(place: string, name: string, row: RawRow): void {
    const read = this.parseNamed(place, name, row, riskAttributes);
    this.riskClasses.set(name, read.ok ? known(riskClassOf(name, read.value)) : read);
  }

  /** What no other row can name would still stand in messages and metrics. */
  private parseNamed<S extends z.ZodMiniType>(
    place: string,
    name: string,
    row: RawRow,
    schema: S,
  ): Result<z.output<S>> {
    const named = id.safeParse(name);
    if (named.success) return this.parse(place, row, schema);
    return this.refuse(rowFaultOf(place, `the id ${faultIn(named.error).fault}`));
  }

  private parse<S extends z.ZodMiniType>(
    place: string,
    row: RawRow,
    schema: S,
  ): Result<z.output<S>> {
    const laid = laidOut(row);
    const fault = venueFault(laid);
    if (fault !== undefined) return this.refuse(rowFaultOf(place, fault));
    const parsed = schema.safeParse(attributesOf(laid, KEYS));
    if (parsed.success) return known(parsed.data);
    return this.refuse(rowFault(place, parsed.error));
  }

  private refuse(reason: Reason): Result<never> {
    this.faults.push(reason);
    return { ok: false, reason };
  }

  private readPolicy(place: string, row: RawRow): void {
    if (row.id !== 'default') {
      this.faults.push(rowFaultOf(place, 'unknown policy; the id must be default'));
      return;
    }
    const parsed = policyAttributes.safeParse(attributesOf(row, KEYS));
    if (!parsed.success) {
      throw new PolicyError(`${rowFault(place, parsed.error).detail}; no account was assessed`);
    }
    this.policy = policyOf(parsed.data);
  }

  private readQuote(place: string, name: string, row: RawRow): void {
    const [feed = '', source = '', ...more] = name.split('#');
    const isNamed = more.length === 0 && id.safeParse(feed).success && id.safeParse(source).success;
    const quote = isNamed
      ? this.parse(place, row, quoteAttributes)
      : this.refuse(rowFaultOf(place, 'the id must be <feed>#<source>'));
    if (!quote.ok) {
      this.quoteFaults.set(feed, quote.reason);
      return;
    }
    const { price, impliedVolatility, publishedAt, confidenceScore } = quote.value;
    if (price !== undefined) {
      if (isZero(price)) this.worthless.set(feed, place);
      put(this.quotes, { feed, source, ...quote.value, price });
    } else if (impliedVolatility !== undefined) {
      const bare = { feed, source, impliedVolatility, publishedAt, confidenceScore };
      put(this.volatilityQuotes, bare);
    }
  }

  private readFund(place: string, source: string, row: RawRow): void {
    const fund = this.parseNamed(place, source, row, fundAttributes);
    if (fund.ok) this.totals.set(source, fund.value.total);
  }

  /** Only an option may be worth nothing, and only if nothing else has its feed. */
  private refuseWorthless(): void {
    const instruments = [...this.instruments.values()].flatMap(readable);
    const assets = [...this.assets.values()].flatMap(readable);
    const options = instruments.filter(({ type }) => type === 'option').map(ownFeed);
    const taken = new Set([
      ...assets.flatMap(({ feed, initialPriceFeed }) => [feed, initialPriceFeed]),
      ...instruments.flatMap((each) => [each.underlying, each.forwardFeed, each.settlementFeed]),
      ...instruments.filter(({ type }) => type !== 'option').map(ownFeed),
    ]);
    const mayBeWorthless = new Set(options.filter((feed) => !taken.has(feed)));
    for (const [feed, place] of this.worthless) {
      if (mayBeWorthless.has(feed)) continue;
      const refused = this.refuse(rowFaultOf(place, 'price must be above 0, except of an option'));
      if (!refused.ok) this.quoteFaults.set(feed, refused.reason);
      const quotes = this.quotes.get(feed) ?? [];
      this.quotes.set(
        feed,
        quotes.filter(({ price }) => !isZero(price)),
      );
    }
  }

  /** A class that names the portfolio of another takes it, unless that has none of its own. */
  private lendPortfolios(): void {
    const lent = [...this.riskClasses].flatMap(([name, row]) =>
      row.ok && row.value.portfolioOf !== undefined ? [{ name, riskClass: row.value }] : [],
    );
    for (const { name, riskClass } of lent) {
      const owner = this.riskClasses.get(riskClass.portfolioOf ?? '');
      const portfolio = owner?.ok ? owner.value.portfolio : undefined;
      const isOwn = owner?.ok && owner.value.portfolioOf === undefined;
      if (portfolio !== undefined && isOwn) {
        this.riskClasses.set(name, known({ ...riskClass, portfolio }));
        continue;
      }
      const fault = `portfolioOf names risk class ${riskClass.portfolioOf}, which has no portfolio of its own`;
      this.riskClasses.set(name, this.refuse(rowFaultOf(`market risk/${name}`, fault)));
    }
  }

  finish(feedClasses: Market['feedClasses']): MarketReading {
    this.refuseWorthless();
    this.lendPortfolios();
    const { policy, assets, locations, instruments, riskClasses } = this;
    const { quotes, volatilityQuotes, quoteFaults } = this;
    if (policy === undefined) {
      throw new PolicyError(
        'market policy/default: this row is missing; add it (an empty one takes every ' +
          'default)',
      );
    }
    const rows = { policy, assets, locations, instruments, riskClasses };
    const market = { ...rows, quotes, volatilityQuotes, quoteFaults, feedClasses };
    return { market, totals: this.totals, faults: this.faults };
  }
}

const ownFeed = ({ instrument, markFeed }: Instrument): string => markFeed ?? instrument;

const readable = <T>(row: Result<T>): T[] => (row.ok ? [row.value] : []);

const put = <Q extends { readonly feed: string }>(byFeed: Map<string, Q[]>, quote: Q) =>
  byFeed.set(quote.feed, [...(byFeed.get(quote.feed) ?? []), quote]);
