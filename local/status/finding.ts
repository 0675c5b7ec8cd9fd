/** What is wrong with a deployment, worst first. */

export const VERDICTS = ['OK', 'ATTENTION', 'CRITICAL'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Exit codes of `margin status`; 2 is bad input. */
export const EXIT_CODES: Readonly<Record<Verdict, number>> = { OK: 0, ATTENTION: 1, CRITICAL: 3 };

/** In the order in which they are listed within one severity. */
export const FINDINGS = [
  'nothing-checked',
  'check-failed',
  'unpublished',
  'item-unreadable',
  'liquidations-withheld',
  'capacity-overdue',
  'case-unseen',
  'loss-uncovered',
  'fund-used-up',
  'fund-unreadable',
  'accounts-undecided',
  'account-unreadable',
  'price-in-doubt',
  'market-row-refused',
  'liquidations-observed',
  'halted',
  'call-overdue',
  'cascade',
  'debt-at-shock',
  'check-late',
  'checks-slow',
  'certificates-off',
  'change-missed',
  'stream-unread',
  'checkpoint-failed',
  'account-large',
  'cases-unjudged',
] as const;

export interface Finding {
  readonly severity: Exclude<Verdict, 'OK'>;
  readonly code: (typeof FINDINGS)[number];
  /** What is wrong: a sentence without its full stop. */
  readonly what: string;
  /** Reasons, the first few; each names its row, feed or account. */
  readonly why: readonly string[];
  /** Accounts that it touches. */
  readonly accounts?: number | undefined;
  /** Money that it touches, in the numeraire, and what that is. */
  readonly money?: { readonly amount: string; readonly of: string } | undefined;
  /** What to do next: a command, or a sentence. */
  readonly next: string;
}

/** The worst severity found. */
export const verdictOf = (findings: readonly Finding[]): Verdict => {
  if (findings.some(({ severity }) => severity === 'CRITICAL')) return 'CRITICAL';
  return findings.length === 0 ? 'OK' : 'ATTENTION';
};

/** Worst severity first, then by kind, then by how many accounts it touches. */
export const ranked = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted(
    (left, right) =>
      VERDICTS.indexOf(right.severity) - VERDICTS.indexOf(left.severity) ||
      FINDINGS.indexOf(left.code) - FINDINGS.indexOf(right.code) ||
      (right.accounts ?? 0) - (left.accounts ?? 0),
  );
