/** Checks of the book through the core; what one remembers goes to the next. */
import { type AssessedSubAccount, assessAccount } from '../../lambda/accounts/assess-account.ts';
import { decideSubAccount } from '../../lambda/accounts/decision.ts';
import { type CaseState, NO_CASE } from '../../lambda/margin/case/case.ts';
import type { PreviousPrices } from '../../lambda/margin/market/oracle.ts';
import { type Snapshot, takeSnapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import type { AccountRows } from '../../lambda/rows/raw-row.ts';
import { readMarket } from '../../lambda/rows/read-market.ts';
import { oneSourceMarket } from './one-source-book.ts';

export const VERDICTS = ['liquidated', 'called', 'indeterminate', 'healthy'] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Print {
  /** Milliseconds since 1970. */
  readonly asOf: number;
  readonly price: number;
}

/** By account, at one check. */
export interface Check {
  readonly verdicts: readonly Verdict[];
  /** Message types. */
  readonly said: readonly (readonly string[])[];
}

export interface RunInput {
  readonly prints: readonly Print[];
  /** Between two of them. */
  readonly gapSeconds: number;
  readonly accounts: readonly AccountRows[];
  /** How many report the price. */
  readonly sources: number;
}

/** Plans are counted and not filled, so that all runs are about the same accounts. */
export function runBook({ prints, gapSeconds, accounts, sources }: RunInput): Check[] {
  let previousPrices: PreviousPrices = new Map();
  const states = new Map<string, CaseState>();
  return prints.map(({ asOf, price }) => {
    const { market } = readMarket(oneSourceMarket({ price, asOf, sources }));
    const snapshot = takeSnapshot({ market, asOf, gapSeconds, previousPrices });
    previousPrices = memoryOf(snapshot);
    const checkId = new Date(asOf).toISOString();
    const decided = accounts.map((account) => {
      const [assessed] = assessAccount(account, snapshot) as [AssessedSubAccount];
      const state = states.get(assessed.name) ?? NO_CASE;
      const { next, messages } = decideSubAccount(assessed, state, { checkId, snapshot });
      states.set(assessed.name, next);
      return { verdict: verdictOf(assessed), said: messages.map(({ type }) => type) };
    });
    return {
      verdicts: decided.map(({ verdict }) => verdict),
      said: decided.map(({ said }) => said),
    };
  });
}

const memoryOf = ({ feeds }: Snapshot): PreviousPrices =>
  new Map([...feeds].flatMap(([feed, { memory }]) => (memory ? [[feed, memory]] : [])));

function verdictOf({ outcome }: AssessedSubAccount): Verdict {
  if (outcome.certainty === 'indeterminate') return 'indeterminate';
  if (outcome.level === 'healthy') return 'healthy';
  return outcome.level === 'call' ? 'called' : 'liquidated';
}
