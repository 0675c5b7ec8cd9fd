/** The market table: rows that are refused, and those that are read and cannot be used. */
import type { Market } from '../../../lambda/margin/market/market.ts';
import type { Reason } from '../../../lambda/margin/number/reason.ts';
import { type Snapshot, takeSnapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import type { RawRow } from '../../../lambda/rows/raw-row.ts';
import { PolicyError, readMarket } from '../../../lambda/rows/read-market.ts';
import { contradictions } from '../../analysis/contradictions.ts';
import { type DefinedNames, danglingIn, danglingLine } from '../../analysis/references.ts';
import { feedFindings } from './feeds.ts';
import { type Finding, FindingList } from './finding.ts';

export interface MarketCheck {
  readonly findings: readonly Finding[];
  /** Absent if the policy cannot be read. */
  readonly mode?: 'observe' | 'enforce';
}

interface MarketInput {
  readonly rows: readonly RawRow[];
  readonly defined: DefinedNames;
  readonly intervalSeconds: number;
  readonly now: number;
}

export function checkMarket(input: MarketInput): MarketCheck {
  const { rows, defined, intervalSeconds, now } = input;
  const { market, faults, policyFault } = readable(rows);
  const snapshot = takeSnapshot({
    market,
    asOf: now,
    gapSeconds: intervalSeconds,
    previousPrices: new Map(),
  });
  const refused = new FindingList();
  for (const reason of [...faults, ...unusable(snapshot, faults)]) refused.add(rowFinding(reason));
  const names = new FindingList();
  for (const row of rows)
    for (const each of danglingIn(row, defined)) names.add(nameFinding(danglingLine(each)));
  const found = [...refused.findings, ...names.findings, ...feedFindings(market, snapshot, now)];
  if (policyFault !== undefined) return { findings: [policyFault, ...found] };
  const { mode } = market.policy;
  return {
    findings: [...haltFindings(market), ...found, ...settingFindings(market, intervalSeconds)],
    mode,
  };
}

/** Without a policy the other rows are read with the default one. */
function readable(rows: readonly RawRow[]) {
  try {
    return { ...readMarket(rows), policyFault: undefined };
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    const others = rows.filter(({ kind }) => kind !== 'policy');
    const policyFault: Finding = {
      severity: 'critical',
      about: 'policy',
      what: `no check can run: ${error.message}`,
      todo: 'correct the row policy/default in the market table',
    };
    return { ...readMarket([...others, { kind: 'policy', id: 'default' }]), policyFault };
  }
}

/** Said of the rows that miss something, or of the feeds. */
const SAID_ELSEWHERE: readonly string[] = ['price-missing', 'risk-class-unknown', 'asset-unknown'];

/** Rows that can be read and give no terms: an asset without a feed, a feed without volatility. */
function unusable({ assets, instruments, feeds }: Snapshot, faults: readonly Reason[]): Reason[] {
  const said = new Set(faults.map(({ detail }) => detail));
  const terms = [...assets.values(), ...instruments.values()];
  const ofRows = terms.flatMap((each) =>
    each.ok || SAID_ELSEWHERE.includes(each.reason.code) ? [] : [each.reason],
  );
  const ofFeeds = [...feeds.values()].flatMap(({ factor, classes }) =>
    factor.ok || classes.length > 0 ? [] : [factor.reason],
  );
  return [...ofRows, ...ofFeeds].filter(({ detail }) => !said.has(detail));
}

export const rowFinding = ({ detail }: Reason): Finding => ({
  severity: 'warning',
  about: 'row',
  what: detail,
  todo: 'correct the row; until then, what depends on it is undecided',
});

export const nameFinding = (what: string): Finding => ({
  severity: 'warning',
  about: 'name',
  what,
  todo: 'correct the name, or add what it names',
});

function haltFindings({ policy }: Market): Finding[] {
  const { mode, halt, changedBy, changedAt, changeReason } = policy;
  if (!halt || mode === 'observe') return [];
  const who = [changedBy && `by ${changedBy}`, changedAt && `at ${changedAt}`, changeReason];
  const notes = who.filter((each) => each !== undefined).join(', ');
  return [
    {
      severity: 'warning',
      about: 'policy',
      what: `order plans are halted${notes === '' ? '' : ` (${notes})`}`,
      todo: 'margin resume, once the reason is gone',
    },
  ];
}

const settingFindings = (market: Market, intervalSeconds: number): Finding[] =>
  contradictions(market, intervalSeconds).map(({ place, fault, todo }) => ({
    severity: 'warning',
    about: 'setting',
    what: `${place}: ${fault}`,
    todo,
  }));
