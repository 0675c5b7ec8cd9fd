/** How far a run of one source is behind one of sources that agree. */
import type { Check, Verdict } from './one-source-run.ts';

export interface Lag {
  readonly what: 'liquidation' | 'call or liquidation';
  /** Accounts whose first message comes at the same check with both, or earlier with one source. */
  readonly sameCheck: number;
  readonly oneCheckLater: number;
  /** Later or never with one source, as the price was back over the line at the next check. */
  readonly priceWasBack: number;
  /** All others: none, if one source is never more than one check behind. */
  readonly later: number;
}

interface Kind {
  readonly what: Lag['what'];
  readonly verdicts: readonly Verdict[];
  readonly messages: readonly string[];
}

const KINDS: readonly Kind[] = [
  { what: 'liquidation', verdicts: ['liquidated'], messages: ['liquidation.ordered'] },
  {
    what: 'call or liquidation',
    verdicts: ['called', 'liquidated'],
    messages: ['margin-call.issued', 'liquidation.ordered'],
  },
];

interface Runs {
  readonly one: readonly Check[];
  readonly two: readonly Check[];
}

export const lagsOf = (runs: Runs): Lag[] => KINDS.map((kind) => lagOf(runs, kind));

function lagOf({ one, two }: Runs, { what, verdicts, messages }: Kind): Lag {
  const isOver = (check: Check | undefined, account: number) =>
    check !== undefined && verdicts.includes(check.verdicts[account] as Verdict);
  const firstIn = (run: readonly Check[], account: number): number => {
    const first = run.findIndex(({ said }) =>
      said[account]?.some((type) => messages.includes(type)),
    );
    return first < 0 ? Number.POSITIVE_INFINITY : first;
  };
  const lag = { what, sameCheck: 0, oneCheckLater: 0, priceWasBack: 0, later: 0 };
  const accounts = two[0]?.verdicts.length ?? 0;
  for (let account = 0; account < accounts; account++) {
    const first = firstIn(two, account);
    // One source has no next check after the last.
    if (first >= two.length - 1) continue;
    const behind = firstIn(one, account) - first;
    if (behind <= 0) lag.sameCheck++;
    else if (behind === 1) lag.oneCheckLater++;
    else if (!isOver(two[first + 1], account)) lag.priceWasBack++;
    else lag.later++;
  }
  return lag;
}
