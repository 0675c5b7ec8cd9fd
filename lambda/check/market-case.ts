/** Alerts when a move of 1 % would liquidate more than the policy's share of a market's depth. */
import type { CheckContext } from '../accounts/account-case.ts';
import type { CascadeReading } from '../accounts/cascade-gauge.ts';
import {
  type Amount,
  isAtLeast,
  isBelow,
  type Ratio,
  ratio,
  times,
} from '../margin/number/decimal.ts';
import { composeCascade } from '../messages/compose-alert.ts';
import type { CaseRunner } from '../outbox/case-runner.ts';
import type { CaseSubject } from '../outbox/case-subject.ts';
import type { Key } from '../outbox/stored-case.ts';
import { alertKey, alertSubject, nameInKey } from './alert-case.ts';

const MARKET = 'market#';
const flag = 'isWarned';

/** Hysteresis: eased below this share of the warning ratio, accounts in doubt included. */
const EASED_SHARE = ratio('0.8');

const marketKey = (market: string): Key => alertKey(MARKET, market);

export const marketOfKey = (key: Key): string | undefined => nameInKey(key, MARKET);

type MarketContext = Pick<CheckContext, 'checkId' | 'snapshot'>;

/** @param isWhole whether all accounts were read; if not, no market counts as eased */
export async function processMarkets(
  runner: CaseRunner,
  input: {
    readonly readings: readonly CascadeReading[];
    readonly context: MarketContext;
    readonly isWhole: boolean;
  },
): Promise<void> {
  const { readings, context, isWhole } = input;
  const { cascadeAlertRatio } = context.snapshot.policy;
  const measured = readings.filter(isMeasured);
  const warned = measured.filter((each) => isAtLeast(each.ratio, cascadeAlertRatio));
  const others = measured.filter((each) => !warned.includes(each));
  const open = others.filter(({ market }) => runner.isOpen(marketKey(market)));
  const gone = runner.openKeys.flatMap((key) => marketOfKey(key) ?? []).filter(isGone(context));
  await runner.attemptInTime('the markets', () =>
    runner.process([
      ...[...warned, ...(isWhole ? open : [])].map((each) => marketSubject(each, context)),
      ...gone.map(goneSubject),
    ]),
  );
}

interface Measured extends CascadeReading {
  readonly depth: Amount;
  readonly ratio: Ratio;
  readonly ratioMost: Ratio;
}

const isMeasured = (reading: CascadeReading): reading is Measured =>
  reading.ratio !== undefined && reading.ratioMost !== undefined && reading.depth !== undefined;

/** No row gives its depth. A market with an unknown price is not gone. */
const isGone =
  ({ snapshot: { instruments, assets } }: MarketContext) =>
  (market: string): boolean =>
    [instruments.get(market), assets.get(market)].every(
      (terms) => terms === undefined || (terms.ok && terms.value.trading.depth === undefined),
    );

function marketSubject(reading: Measured, { checkId, snapshot }: MarketContext): CaseSubject {
  const { asOf, policy } = snapshot;
  const { market, notional, move } = reading;
  const isReached = isAtLeast(reading.ratio, policy.cascadeAlertRatio);
  const isEased = isBelow(reading.ratioMost, times(policy.cascadeAlertRatio, EASED_SHARE));
  return alertSubject({
    key: marketKey(market),
    flag,
    next: (isWarned) => (isWarned ? !isEased : isReached),
    compose: (isWarned) =>
      composeCascade(
        isWarned ? 'cascade.warned' : 'cascade.eased',
        { ...reading, notional: notional[move] },
        { checkId, asOf, policy },
      ),
  });
}

const goneSubject = (market: string): CaseSubject =>
  alertSubject({ key: marketKey(market), flag, next: () => false });
