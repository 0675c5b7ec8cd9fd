/** One verdict on a deployment, and what it rests on. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { AccountsTable } from '../../lambda/aws/accounts-table.ts';
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import { readMarketRows } from '../../lambda/aws/market-table.ts';
import { readState } from '../../lambda/certified/state.ts';
import { readFeeds } from '../../lambda/check/feed-memory.ts';
import { FENCE_KEY, readLatestCheck } from '../../lambda/check/fence.ts';
import { SCAN_SEGMENTS } from '../../lambda/config.ts';
import type { RememberedPrice } from '../../lambda/margin/market/oracle.ts';
import type { Deployment } from '../aws/deployment.ts';
import { counted } from '../report/figures.ts';
import { caseFindings, isHalted } from './case-findings.ts';
import { certificateFindings } from './certificate-findings.ts';
import { type EventsSince, readEventsSince } from './events-since.ts';
import { type Finding, ranked, type Verdict, verdictOf } from './finding.ts';
import { readFundNow } from './fund-now.ts';
import {
  agoText,
  type LastCheck,
  nothingChecked,
  RECORDS_READ,
  readLastCheck,
} from './last-check.ts';
import { fundFindings, policyFindings, priceFindings, rowFindings } from './market-findings.ts';
import { readMarketNow } from './market-now.ts';
import { type OpenAccount, type OpenNow, openNow } from './open-accounts.ts';
import { type CaseRow, type OpenCaseRow, readOpenCases } from './open-cases.ts';
import { type Prices, pricesOf } from './prices.ts';
import { replacedAttributes } from './replaced.ts';

export interface Status {
  readonly verdict: Verdict;
  /** One sentence. */
  readonly headline: string;
  /** Worst first. */
  readonly findings: readonly Finding[];
  readonly lastCheck: LastCheck;
  /** Event checks since then; absent if there were none. */
  readonly events?: EventsSince | undefined;
  /** Worst kind first, then oldest. */
  readonly openCases: readonly CaseRow[];
  /** Absent until something is paid in or claimed. */
  readonly fundBalance?: string | undefined;
  readonly prices: Prices;
  /** Attributes that still work and have a replacement: one sentence each. */
  readonly replaced: readonly string[];
}

export interface StatusInput {
  readonly dynamo: DynamoDBClient;
  readonly deployment: Pick<
    Deployment,
    'accountsTable' | 'marketTable' | 'marginTable' | 'checkIntervalSeconds'
  >;
  readonly now: number;
}

export async function readStatus({ dynamo, deployment, now }: StatusInput): Promise<Status> {
  const { marginTable, marketTable, checkIntervalSeconds: intervalSeconds } = deployment;
  const margin = new MarginTable({ dynamo, table: marginTable });
  const [records, cases, { fencePrices, fault }, marketRows, fund, certificates] =
    await Promise.all([
      margin.lastCheckRecords(RECORDS_READ),
      readOpenCases(margin),
      readFencePrices(margin),
      readMarketRows({ dynamo, table: marketTable }),
      readFundNow(margin, now),
      readState(margin),
    ]);
  const [record, ...earlier] = records;
  const lastCheck = readLastCheck(record, { now, intervalSeconds, earlier });
  const events = lastCheck.record && (await readEventsSince(margin, lastCheck.record.checkId));
  const market = await readMarketNow({
    ...{ rows: marketRows, now, intervalSeconds },
    recall: (of) => readFeeds(margin, { ...of, fencePrices }),
  });
  const snapshot = 'snapshot' in market ? market.snapshot : undefined;
  const open =
    snapshot === undefined
      ? []
      : await openNow(openAccounts(cases), {
          accounts: accountsTable({ dynamo, deployment }),
          snapshot,
        });
  const needed = new Set(open.flatMap(({ feeds }) => feeds));
  const prices = pricesOf(market, needed);
  const openCases = cases.map((row) => explained(row, open));
  const policy = snapshot?.policy;
  const { accounts = 0, unpublishedSeconds = 0 } = lastCheck.record ?? {};
  const ofLast = { accounts, unpublishedSeconds, now, intervalSeconds };
  const ofCases = caseFindings({ rows: openCases, open, policy, ...ofLast });
  const isHaltFelt = open.some(isHalted);
  const findings = ranked([
    ...policyFindings(prices, policy, isHaltFelt),
    ...(fault === undefined ? [] : [nothingChecked(fault)]),
    ...lastCheck.findings,
    ...certificateFindings(certificates, now),
    ...ofCases,
    ...fundFindings(fund, openCases),
    ...rowFindings(prices),
    ...unjudged(cases, open.length),
    ...priceFindings(prices, { named: feedsNamed(open), needed }),
  ]);
  const verdict = verdictOf(findings);
  const headline = findings[0]?.what ?? wellLine(lastCheck);
  return {
    verdict,
    headline,
    findings,
    lastCheck,
    events,
    openCases: openCases.map(({ state: _, ...row }) => row),
    fundBalance: fund.balance,
    prices,
    replaced: replacedAttributes(marketRows),
  };
}

const wellLine = ({ ageSeconds = 0, intervalSeconds }: LastCheck): string =>
  `the last check ran ${agoText(ageSeconds, intervalSeconds)} ago and was complete`;

const accountsTable = ({ dynamo, deployment }: Pick<StatusInput, 'dynamo' | 'deployment'>) =>
  new AccountsTable({ dynamo, table: deployment.accountsTable, segments: SCAN_SEGMENTS });

/** So many are judged anew; with more, only their stored level is shown. */
const OPEN_MAX = 500;

const openAccounts = (cases: readonly OpenCaseRow[]): OpenAccount[] =>
  cases
    .flatMap(({ accountId, position, state }) =>
      accountId === undefined || state === undefined ? [] : [{ accountId, position, state }],
    )
    .slice(0, OPEN_MAX);

function unjudged(cases: readonly OpenCaseRow[], judged: number): Finding[] {
  const left = cases.filter(({ state }) => state !== undefined).length - judged;
  if (judged < OPEN_MAX || left === 0) return [];
  return [
    {
      severity: 'ATTENTION',
      code: 'cases-unjudged',
      what: `${counted(left, 'open case')} more, shown as the last check left them`,
      why: [],
      accounts: left,
      next: 'npx margin accounts',
    },
  ];
}

function explained(row: OpenCaseRow, open: readonly OpenNow[]): OpenCaseRow {
  const now = open.find(
    ({ accountId, position }) => accountId === row.accountId && position === row.position,
  );
  const why = now === undefined || !(now.isUndecided || now.isWithheld) ? [] : now.reasons;
  return why.length === 0 ? row : { ...row, why: why.map(({ detail }) => detail) };
}

/** Feeds whose doubt is a finding with the accounts that it leaves undecided. */
const feedsNamed = (open: readonly OpenNow[]): ReadonlySet<string> =>
  new Set(
    open.flatMap(({ isUndecided, isWithheld, reasons }) =>
      isUndecided || isWithheld ? reasons.map(({ subject }) => subject) : [],
    ),
  );

/** Prices that no check has taken over to pages yet. */
export async function readFencePrices(margin: MarginTable) {
  const none: ReadonlyMap<string, RememberedPrice> = new Map();
  try {
    return { fencePrices: readLatestCheck(await margin.read(FENCE_KEY))?.prices ?? none };
  } catch {
    const { pk, sk } = FENCE_KEY;
    return {
      fencePrices: none,
      fault: `no check can run: the item margin ${pk}/${sk} cannot be read; restore it`,
    };
  }
}
