/** Settings that are allowed each for itself, and make no sense together or with the interval. */
import type { Market } from '../../lambda/margin/market/market.ts';
import type { OracleRules, Policy } from '../../lambda/margin/market/policy.ts';
import { isBelow, ONE } from '../../lambda/margin/number/decimal.ts';

export interface Contradiction {
  /** Such as `market policy/default`. */
  readonly place: string;
  readonly fault: string;
  readonly todo: string;
}

interface Rule {
  readonly holds: boolean;
  readonly fault: string;
  readonly todo: string;
}

export function contradictions(
  { policy, riskClasses }: Pick<Market, 'policy' | 'riskClasses'>,
  intervalSeconds: number,
): Contradiction[] {
  const classes = [...riskClasses].flatMap(([name, riskClass]) =>
    riskClass.ok && Object.keys(riskClass.value.oracle).length > 0
      ? [[`market risk/${name}`, riskClass.value.oracle] as const]
      : [],
  );
  const ofPolicy = broken('market policy/default', [
    ...settingRules(policy),
    ...timeRules(policy, intervalSeconds),
    ...oracleRules(policy.oracle, intervalSeconds),
  ]);
  const ofClasses = classes.flatMap(([place, own]) =>
    broken(place, oracleRules({ ...policy.oracle, ...own } as OracleRules, intervalSeconds)),
  );
  const isInherited = ({ fault }: Contradiction) => ofPolicy.some((each) => each.fault === fault);
  return [...ofPolicy, ...ofClasses.filter((each) => !isInherited(each))];
}

const broken = (place: string, rules: readonly Rule[]): Contradiction[] =>
  rules.flatMap(({ holds, fault, todo }) => (holds ? [{ place, fault, todo }] : []));

function settingRules(policy: Policy): Rule[] {
  const { mode, halt, latencyBuffer, uncertainty, firstShareAbove, firstShare } = policy;
  const isEnforcing = mode === 'enforce';
  return [
    {
      holds: halt && !isEnforcing,
      fault: 'halt is true in mode observe, where no order plan leaves anyway',
      todo: 'lift it with margin resume, or a later margin enforce sends nothing',
    },
    {
      holds: isEnforcing && latencyBuffer === 'none',
      fault: 'latencyBuffer is none in mode enforce: no account pays for the check interval',
      todo: 'set it to standard; none is for comparing figures with those of a venue',
    },
    {
      holds: isEnforcing && uncertainty === 'none',
      fault: 'uncertainty is none in mode enforce: accounts are liquidated as if quotes were exact',
      todo: 'set it to standard; none is for comparing figures with those of a venue',
    },
    {
      holds: firstShareAbove !== undefined && !isBelow(firstShare, ONE),
      fault: 'firstShareAbove has no effect while firstShare is 1',
      todo: 'lower firstShare, or remove firstShareAbove',
    },
  ];
}

function timeRules(policy: Policy, intervalSeconds: number): Rule[] {
  const { callGraceSeconds, planExpirySeconds, executionSeconds } = policy;
  const { liquidationCooldownSeconds } = policy;
  return [
    {
      holds: callGraceSeconds < intervalSeconds,
      fault: `callGraceSeconds (${callGraceSeconds}) is shorter than the check interval (${intervalSeconds}): a call has expired at the check after it`,
      todo: 'raise callGraceSeconds to several intervals',
    },
    {
      holds: planExpirySeconds < executionSeconds,
      fault: `planExpirySeconds (${planExpirySeconds}) is shorter than executionSeconds (${executionSeconds}): a plan expires before it can be filled`,
      todo: 'raise planExpirySeconds',
    },
    {
      holds: planExpirySeconds < intervalSeconds,
      fault: `planExpirySeconds (${planExpirySeconds}) is shorter than the check interval (${intervalSeconds}): an account is without a plan until the next check`,
      todo: 'raise planExpirySeconds to an interval at least',
    },
    {
      holds: liquidationCooldownSeconds > planExpirySeconds,
      fault: `liquidationCooldownSeconds (${liquidationCooldownSeconds}) is longer than planExpirySeconds (${planExpirySeconds}), and has no effect: an expired plan is replaced at once`,
      todo: 'lower liquidationCooldownSeconds, or raise planExpirySeconds',
    },
  ];
}

function oracleRules(oracle: OracleRules, intervalSeconds: number): Rule[] {
  const { staleAfterSeconds, maxAgeSeconds, frozenAfterSeconds } = oracle;
  return [
    {
      holds: staleAfterSeconds < intervalSeconds,
      fault: `staleAfterSeconds (${staleAfterSeconds}) is shorter than the check interval (${intervalSeconds}): a quote that was fresh at one check is stale at the next`,
      todo: 'raise staleAfterSeconds, or shorten the interval',
    },
    {
      holds: maxAgeSeconds > staleAfterSeconds,
      fault: `maxAgeSeconds (${maxAgeSeconds}) exceeds staleAfterSeconds (${staleAfterSeconds}), and has no effect: a quote is stale before it is too old to liquidate on`,
      todo: 'lower maxAgeSeconds below staleAfterSeconds',
    },
    {
      holds: frozenAfterSeconds <= intervalSeconds,
      fault: `frozenAfterSeconds (${frozenAfterSeconds}) is no longer than the check interval (${intervalSeconds}): a price that is the same at two checks is reported as frozen`,
      todo: 'raise frozenAfterSeconds to many intervals',
    },
  ];
}
