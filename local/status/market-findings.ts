/** What is wrong with the policy, the market rows, the prices and the insurance fund. */
import type { Policy } from '../../lambda/margin/market/policy.ts';
import { counted } from '../report/figures.ts';
import type { Finding } from './finding.ts';
import type { FundNow } from './fund-now.ts';
import { nothingChecked } from './last-check.ts';
import type { CaseRow } from './open-cases.ts';
import type { PriceRow, Prices } from './prices.ts';

export function policyFindings(
  { policyFault }: Prices,
  policy: Policy | undefined,
  isHaltFelt: boolean,
): Finding[] {
  if (policyFault !== undefined) {
    const what = `nothing is being checked: ${policyFault}`;
    return [nothingChecked(what, 'correct the row policy/default in the market table')];
  }
  if (policy?.halt !== true || isHaltFelt) return [];
  return [
    {
      severity: 'ATTENTION',
      code: 'halted',
      what: 'the policy says halt; no liquidation is due now',
      why: [],
      next: 'npx margin resume --reason "…"',
    },
  ];
}

export function rowFindings({ faults }: Prices): Finding[] {
  if (faults.length === 0) return [];
  return [
    {
      severity: 'ATTENTION',
      code: 'market-row-refused',
      what: `${counted(faults.length, 'market row')} refused`,
      why: faults,
      next: 'correct the rows that are named here',
    },
  ];
}

/**
 * Feeds in doubt that leave nobody undecided; the others are with their accounts. Many listed options
 * never have a quote: they count if an open account depends on them.
 */
export function priceFindings(
  { feeds }: Prices,
  { named, needed }: { readonly named: ReadonlySet<string>; readonly needed: ReadonlySet<string> },
): Finding[] {
  const doubtful = feeds.filter(
    ({ feed, use }) => (use === 'as a range' || use === 'nothing') && !named.has(feed),
  );
  return [
    ...doubtOf(
      doubtful.filter(({ isOption }) => !isOption),
      'feed',
    ),
    ...doubtOf(
      doubtful.filter(({ feed, isOption }) => isOption && needed.has(feed)),
      'option quote',
    ),
  ];
}

function doubtOf(rows: readonly PriceRow[], noun: string): Finding[] {
  if (rows.length === 0) return [];
  const what =
    `${counted(rows.length, noun)} not to be relied on; ` +
    `${rows.length === 1 ? 'it leaves' : 'they leave'} no account undecided now`;
  return [
    {
      severity: 'ATTENTION',
      code: 'price-in-doubt',
      what,
      why: rows.map(({ feed, reason }) => reason ?? `${feed}: in doubt`),
      next: 'look at the writer of these quotes: docs/runbook.md#feed-it',
    },
  ];
}

export function fundFindings(fund: FundNow, rows: readonly CaseRow[]): Finding[] {
  if (fund.fault !== undefined) {
    return [
      {
        severity: 'CRITICAL',
        code: 'fund-unreadable',
        what: fund.fault,
        why: [],
        next: 'restore the item: docs/runbook.md#the-insurance-fund',
      },
    ];
  }
  const { uncovered, balance = '0', owed } = fund;
  const next = 'npx margin fund, and docs/runbook.md#uncoveredloss';
  const claimants = rows.filter(({ claimed }) => claimed !== undefined);
  return [
    ...(uncovered === undefined
      ? []
      : [
          {
            severity: 'CRITICAL',
            code: 'loss-uncovered',
            what: 'a loss of the last day that neither the fund nor other accounts pay: the venue’s',
            why: uncovered.claims,
            accounts: uncovered.claims.length,
            money: { amount: uncovered.amount, of: 'uncovered' },
            next,
          } satisfies Finding,
        ]),
    ...(Number(balance) > 0 || owed === undefined
      ? []
      : [
          {
            severity: 'CRITICAL',
            code: 'fund-used-up',
            what: 'the insurance fund is used up, and claims on it are open',
            why: claimants.map(({ accountId }) => accountId ?? ''),
            accounts: claimants.length,
            money: { amount: owed, of: 'claimed and not paid' },
            next: `pay into the fund: docs/runbook.md#the-insurance-fund`,
          } satisfies Finding,
        ]),
  ];
}
