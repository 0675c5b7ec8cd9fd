import { expect } from 'vitest';
import { type Assessment, assess } from '../../../../local/analysis/assess-document.ts';

export const AT = Date.UTC(2026, 0, 15, 12);
const DAY_MS = 86_400_000;

type Row = Readonly<Record<string, unknown>>;

export interface Book {
  readonly venue: string;
  readonly model?: 'standard' | 'portfolio';
  /** Attributes of class X in addition to its venue. */
  readonly risk?: Row;
  readonly assets?: Readonly<Record<string, Row>>;
  /** Price of the underlying X-USD. */
  readonly price: string;
  readonly confidenceScore?: string;
  readonly balances?: readonly Row[];
  readonly holdings?: readonly Holding[];
}

/** An instrument and the quantity held, at its own mark or by default at that of its underlying. */
export interface Holding extends Row {
  readonly type: 'perpetual' | 'future' | 'option';
  readonly quantity: string;
  readonly mark?: string;
  readonly impliedVolatility?: string;
  readonly position?: Row;
}

export const perpetual = (quantity: string, more: Row = {}): Holding => ({
  type: 'perpetual',
  quantity,
  ...more,
});

export const future = (quantity: string): Holding => ({
  type: 'future',
  expiresAt: String(AT + 15 * DAY_MS),
  quantity,
});

/** European, with 15 days to expiry. */
export const option = (
  optionType: 'call' | 'put',
  strike: string,
  { quantity = '-1', ...more }: Row & { readonly quantity?: string } = {},
): Holding => ({
  type: 'option',
  optionType,
  strike,
  expiresAt: String(AT + 15 * DAY_MS),
  impliedVolatility: '0.65',
  quantity,
  ...more,
});

export function assessmentOf(book: Book): Exclude<Assessment, { level: null }> {
  const { assessments, faults } = assess(documentOf(book));
  expect(faults).toEqual([]);
  const [found] = assessments;
  if (found === undefined || found.level === null) throw new Error(JSON.stringify(found));
  return found;
}

export function required(book: Book): [string, string] {
  const { initialRequirement, maintenanceRequirement } = assessmentOf(book);
  return [initialRequirement, maintenanceRequirement];
}

export function documentOf({ price, holdings = [], ...book }: Book) {
  const at = { source: 'venue', publishedAt: String(AT) };
  const { confidenceScore } = book;
  const named = holdings.map((holding, index) => ({ ...holding, name: `I${index}` }));
  return {
    asOf: String(AT),
    policy: { latencyBuffer: 'none', uncertainty: 'none' },
    assets: book.assets ?? {},
    risk: { X: { venue: book.venue, volatility: '0.6', ...book.risk } },
    instruments: Object.fromEntries(
      named.map(({ name, quantity, mark, impliedVolatility, position, ...instrument }) => [
        name,
        {
          underlying: 'X-USD',
          settlementAsset: 'USD',
          riskClass: 'X',
          ...(instrument.type === 'option' ? { markFeed: name } : {}),
          ...instrument,
        },
      ]),
    ),
    quotes: [
      { feed: 'X-USD', price, ...(confidenceScore ? { confidenceScore } : {}), ...at },
      ...named
        .filter(({ type }) => type === 'option')
        .map(({ name, mark, impliedVolatility }) => {
          return { feed: name, ...(mark ? { price: mark } : {}), impliedVolatility, ...at };
        }),
    ],
    accounts: [
      {
        accountId: 'trader',
        profile: { marginModel: book.model ?? 'standard' },
        balances: book.balances ?? [{ asset: 'USD', amount: '1000000' }],
        positions: named.map(({ name, quantity, mark, position }) => {
          return { instrument: name, quantity, entryPrice: mark ?? price, ...position };
        }),
      },
    ],
  };
}
