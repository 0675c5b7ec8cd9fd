/** Rows of the market table, read into the market that the core knows. */
import type * as z from 'zod';
import type {
  Asset,
  Instrument,
  Location,
  Market,
  Policy,
  Quote,
  RiskClass,
  VolatilityQuote,
} from '../margin/market.ts';
import { known, type Reason, type Result } from '../margin/reason.ts';
import { attributesOf, type RawRow, rowFault, rowFaultOf } from './fault.ts';
import { idField } from './fields.ts';
import { instrumentAttributes } from './instrument-row.ts';
import { assetAttributes, locationAttributes, quoteAttributes } from './market-rows.ts';
import { policyAttributes, policyOf } from './policy-row.ts';
import { riskAttributes, riskClassOf } from './risk-row.ts';
import { laidOut, venueFault } from './venues/venues.ts';

/** Thrown when there is no usable policy: without one no account can be assessed. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

export interface MarketReading {
  readonly market: Market;
  /** Every row that could not be read. */
  readonly faults: readonly Reason[];
}

const KEYS = ['kind', 'id'] as const;
const id = idField('');

/** @throws PolicyError when the row policy/default is missing or malformed. */
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
  private readonly faults: Reason[] = [];

  read(row: RawRow): void {
    const kind = String(row.kind);
    const name = String(row.id);
    const place = `market ${kind}/${name}`;
    if (kind === 'policy') this.readPolicy(place, row);
    else if (kind === 'quote') this.readQuote(place, name, row);
    else if (kind === 'asset') {
      const asset = this.parse(place, row, assetAttributes);
      this.assets.set(name, asset.ok ? known({ asset: name, ...asset.value }) : asset);
    } else if (kind === 'location') {
      const location = this.parse(place, row, locationAttributes);
      this.locations.set(
        name,
        location.ok ? known({ location: name, ...location.value }) : location,
      );
    } else if (kind === 'instrument') {
      const instrument = this.parse(place, row, instrumentAttributes);
      const named = instrument.ok ? known({ instrument: name, ...instrument.value }) : instrument;
      this.instruments.set(name, named);
    } else if (kind === 'risk') {
      const risk = this.parse(place, row, riskAttributes);
      this.riskClasses.set(name, risk.ok ? known(riskClassOf(name, risk.value)) : risk);
    } else {
      this.faults.push(rowFaultOf(place, 'unknown kind of row'));
    }
  }

  private parse<S extends z.ZodType>(place: string, row: RawRow, schema: S): Result<z.output<S>> {
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
      this.faults.push(rowFaultOf(place, 'unknown policy; the row is policy/default'));
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
    if (price !== undefined) put(this.quotes, { feed, source, ...quote.value, price });
    else if (impliedVolatility !== undefined) {
      const bare = { feed, source, impliedVolatility, publishedAt, confidenceScore };
      put(this.volatilityQuotes, bare);
    }
  }

  finish(feedClasses: Market['feedClasses']): MarketReading {
    const { policy, assets, locations, instruments, riskClasses } = this;
    const { quotes, volatilityQuotes, quoteFaults } = this;
    if (policy === undefined) {
      throw new PolicyError(
        'market policy/default: there is no such row; write one (an empty one takes every default)',
      );
    }
    const rows = { policy, assets, locations, instruments, riskClasses };
    const market = { ...rows, quotes, volatilityQuotes, quoteFaults, feedClasses };
    return { market, faults: this.faults };
  }
}

const put = <Q extends { readonly feed: string }>(byFeed: Map<string, Q[]>, quote: Q) =>
  byFeed.set(quote.feed, [...(byFeed.get(quote.feed) ?? []), quote]);
