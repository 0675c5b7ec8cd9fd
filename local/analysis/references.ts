/** Names that rows use and that no row defines. Such a row is read, and then cannot be computed. */
import { keyText, type RawRow } from '../../lambda/rows/raw-row.ts';

/** What a name stands for, and so which row defines it. */
export type Referent = 'asset' | 'feed' | 'instrument' | 'location' | 'risk class';

export interface Reference {
  /** Such as `market instrument/BTC-PERP`. */
  readonly place: string;
  readonly attribute: string;
  readonly referent: Referent;
  readonly name: string;
}

export type DefinedNames = Readonly<Record<Referent, ReadonlySet<string>>>;

const NUMERAIRE_DEFAULT = 'USD';

const REFERENT_OF_KIND: Readonly<Record<string, Referent>> = {
  asset: 'asset',
  instrument: 'instrument',
  location: 'location',
  risk: 'risk class',
};

/** A feed is defined by a quote, the numeraire by the policy. Of two policies the last one holds. */
export function namesDefinedBy(marketRows: Iterable<RawRow>): DefinedNames {
  const names = {
    asset: new Set<string>(),
    feed: new Set<string>(),
    instrument: new Set<string>(),
    location: new Set<string>(),
    'risk class': new Set<string>(),
  } satisfies DefinedNames;
  let numeraire = NUMERAIRE_DEFAULT;
  for (const { kind, id, numeraire: own } of marketRows) {
    const [name, referent] = [keyText(id), REFERENT_OF_KIND[keyText(kind)]];
    if (kind === 'policy') numeraire = typeof own === 'string' ? own : NUMERAIRE_DEFAULT;
    else if (kind === 'quote') names.feed.add(name.split('#')[0] ?? '');
    else if (referent !== undefined) names[referent].add(name);
  }
  names.asset.add(numeraire);
  return names;
}

type Named = Readonly<Record<string, Referent>>;

/** A settlementFeed has no quote before its contract expires. */
const NAMED_IN_MARKET: Readonly<Record<string, Named>> = {
  asset: { feed: 'feed', hedges: 'feed', initialPriceFeed: 'feed', riskClass: 'risk class' },
  instrument: {
    underlying: 'feed',
    markFeed: 'feed',
    forwardFeed: 'feed',
    settlementAsset: 'asset',
    riskClass: 'risk class',
  },
  risk: {
    'depegCharge.feed': 'feed',
    'portfolio.depegFactor.feed': 'feed',
    'confidenceCharges.*.scoreFeed': 'feed',
    portfolioOf: 'risk class',
  },
};

const NAMED_IN_ACCOUNTS: Readonly<Record<string, Named>> = {
  balance: { asset: 'asset', location: 'location' },
  position: { instrument: 'instrument' },
};

/** @param row of the market or the accounts table; what is no text in it is a fault of its own */
export function referencesIn(row: RawRow): Reference[] {
  const isMarket = row.kind !== undefined;
  const [table, first, second] = isMarket
    ? ['market', row.kind, row.id]
    : ['accounts', row.accountId, row.item];
  const place = `${table} ${keyText(first)}/${keyText(second)}`;
  const named = isMarket
    ? NAMED_IN_MARKET[keyText(row.kind)]
    : NAMED_IN_ACCOUNTS[keyText(row.item).split('#')[0] ?? ''];
  return Object.entries(named ?? {}).flatMap(([attribute, referent]) => {
    return valuesAt(row, attribute.split('.')).flatMap(({ path, value: name }) =>
      typeof name === 'string' ? [{ place, attribute: path.join('.'), referent, name }] : [],
    );
  });
}

interface Valued {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** An asterisk is each place of a list. */
const valuesAt = (row: unknown, path: readonly string[]): readonly Valued[] =>
  path.reduce<readonly Valued[]>(
    (values, name) =>
      values.flatMap(({ path: before, value }) => {
        if (typeof value !== 'object' || value === null) return [];
        const names = name === '*' ? Object.keys(value) : [name];
        return names.map((each) => ({ path: [...before, each], value: (value as RawRow)[each] }));
      }),
    [{ path: [], value: row }],
  );

export const danglingIn = (row: RawRow, defined: DefinedNames): Reference[] =>
  referencesIn(row).filter(({ referent, name }) => !defined[referent].has(name));

/** "market instrument/BTC-PERP: riskClass names risk class BTC, which has no row" */
export const danglingLine = ({ place, attribute, referent, name }: Reference): string =>
  `${place}: ${attribute} names ${referent} ${name}, which has no ${
    referent === 'feed' ? 'quote' : 'row'
  }`;
