/** How soon an account has its turn, by the rows that the scan has found. */
import { assessBook, marginFiguresOf } from '../margin/assess/assess.ts';
import type { Book } from '../margin/book/book.ts';
import type { Policy } from '../margin/market/policy.ts';
import { add, isBelow, isNegative, larger, times } from '../margin/number/decimal.ts';

/**
 * `breach`: below a liquidation line at the quoted prices; `call`: below a call line; `other`:
 * neither, but not safe, or unreadable.
 */
export type Urgency = 'breach' | 'call' | 'other';

const ORDER: readonly Urgency[] = ['breach', 'call', 'other'];

export const moreUrgent = (left: Urgency, right: Urgency): Urgency =>
  ORDER.indexOf(left) < ORDER.indexOf(right) ? left : right;

export function urgencyOf(book: Book, policy: Policy): Urgency {
  if (book.doubt !== undefined) return urgencyInDoubt(book, policy);
  const { equity, marginBalance, ...required } = marginFiguresOf(book, policy);
  const { maintenanceRequirement, initialRequirement, latencyBuffer } = required;
  const isBelowLine = (line: typeof equity) => isBelow(marginBalance, add(line, latencyBuffer));
  const liquidation = times(maintenanceRequirement, policy.liquidationMultiplier);
  if (isNegative(equity) || isBelowLine(liquidation)) return 'breach';
  const call = times(maintenanceRequirement, policy.callMultiplier);
  const line = policy.callAt === 'initial' ? larger(initialRequirement, call) : call;
  return isBelowLine(line) ? 'call' : 'other';
}

/** Certain breaches go before accounts that a price in doubt leaves undecided. */
function urgencyInDoubt(book: Book, policy: Policy): Urgency {
  const outcome = assessBook(book, policy);
  if (outcome.certainty === 'indeterminate' || outcome.level === 'healthy') return 'other';
  return outcome.level === 'call' ? 'call' : 'breach';
}
