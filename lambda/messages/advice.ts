/** A message tells a person what to do, which command shows more, and where the runbook explains it. */
import { clockOf, type MessageOf } from './headline.ts';
import type { Message, MessageType } from './messages.ts';

const CALL_ADVICE =
  'The account is below its call line. See that the owner pays the amount due, which ends the call.';

/** Says what to do, and why. Somebody in a hurry needs the first sentence only. */
export function adviceOf(message: Message): string {
  switch (message.type) {
    case 'margin-call.updated':
      if (message.previousDeadline !== undefined) {
        return (
          `Checks or prices were missing, so the deadline moved from ` +
          `${clockOf(message.previousDeadline)} by the length of the outage. Paying the amount due ` +
          'ends the call.'
        );
      }
      return CALL_ADVICE;
    case 'margin-call.issued':
      return CALL_ADVICE;
    case 'margin-call.expired':
      return message.consequence === 'liquidate'
        ? 'The policy liquidates an account whose call has expired.'
        : `The call is renewed until ${clockOf(message.nextDeadline ?? '')}.`;
    case 'margin-call.cured':
      return 'Nothing to do.';
    case 'liquidation.ordered':
      return message.isObserved
        ? 'The policy is in mode observe: no order plan was sent. Mode enforce would have sent this one.'
        : 'The order plan is on its way to the execution system. It is reduce-only, and it expires.';
    case 'liquidation.completed':
      return 'The account is out of liquidation. The execution system stops the orders of its plans.';
    case 'cascade.warned':
      return (
        'Liquidations after such a move would use up the orders near the price and move it further. ' +
        'Check the largest holders in this market. Then add liquidity, raise its margin, or lower its ' +
        'liquidation limit.'
      );
    case 'cascade.eased':
      return 'Nothing to do.';
    case 'liquidation.withheld':
      return withheldAdvice(message);
    case 'deficit.detected':
      return (
        'The account owes more than closing everything would bring in. Take it over by hand. In mode ' +
        'enforce its shortfall is claimed from the insurance fund once everything is closed.'
      );
    case 'fund.drawn':
      return Number(message.uncovered) === 0
        ? 'The collateral of the account is used up. Credit the account with the whole claim, once.'
        : 'The collateral of the account is used up, and the fund too. Credit the account with the ' +
            'whole claim, once. The uncovered part is the venue’s own loss. Pay into the fund.';
    case 'loss.socialized':
      return message.method === 'haircut'
        ? 'The insurance fund is used up. Debit each account its share, once.'
        : 'Trade this between the accounts at this price, once. Do not trade it in the market.';
    case 'account.indeterminate':
      return (
        'The account is neither called nor liquidated until this is fixed. Correct the row or the ' +
        'feed that the reason names.'
      );
    case 'account.determinate':
      return 'The account is assessed again. Nothing to do.';
    case 'oracle.rejected':
      return (
        'Accounts whose level depends on where this price lies are neither called nor liquidated. ' +
        'Restore the feed.'
      );
    case 'oracle.recovered':
      return 'Accounts that need this price are decided again. Nothing to do.';
    case 'feed.frozen':
      return (
        'The feed repeats one price with new times. Look whether its source still follows the market; ' +
        'checks believe it until then.'
      );
    case 'check.late':
      return (
        'Breaches in the meantime were found later than the latency buffer allows for. If this happens ' +
        'again, look at the schedule and at how long checks take.'
      );
    case 'check.failed':
      return message.extent === 'whole'
        ? 'No account is called or liquidated, whatever prices do. Correct what the error names. Watch ' +
            'large accounts by hand until checks run again.'
        : 'Some accounts have no decision; all others were handled. The next check tries again. If it ' +
            'fails too, correct what the error names.';
    case 'operator.changed':
      return `${consequenceOf(message)} If nobody of yours did this, find out who can write the policy.`;
  }
}

function consequenceOf({ mode, halt }: MessageOf<'operator.changed'>): string {
  if (halt) return 'No order plan leaves until the halt is lifted. Calls and alerts go on.';
  return mode === 'enforce'
    ? 'Order plans go to the execution system.'
    : 'Order plans go out as alerts only; the execution system gets none.';
}

function withheldAdvice({ reasons }: MessageOf<'liquidation.withheld'>): string {
  const isOnly = (expected: string) => reasons.every(({ code }) => code === expected);
  if (isOnly('market-full')) {
    return 'Nothing to do: the next check tries again, and accounts that wait too long go first.';
  }
  if (isOnly('rows-changing')) {
    return (
      'Nothing to do: the next check looks at the rows again. If this happens often, let the ' +
      'writer of the rows write each change in one transaction.'
    );
  }
  if (isOnly('nothing-to-close')) {
    return (
      'All that can be closed is closed, and no further order follows. Ask the owner to pay in, or ' +
      'take the account over by hand. In mode enforce a debt that is certain is claimed from the ' +
      'insurance fund.'
    );
  }
  return 'This account should be liquidated but is not. Remove the cause, or act by hand.';
}

/** Headings of the runbook; GitHub drops their dots. */
const HEADINGS: Readonly<Record<MessageType, string>> = {
  'margin-call.issued': 'margin-call',
  'margin-call.updated': 'margin-call',
  'margin-call.expired': 'margin-call',
  'margin-call.cured': 'margin-call',
  'liquidation.ordered': 'liquidation.ordered',
  'liquidation.completed': 'liquidation.ordered',
  'liquidation.withheld': 'liquidation.withheld',
  'deficit.detected': 'deficit.detected',
  'fund.drawn': 'fund.drawn',
  'loss.socialized': 'loss.socialized',
  'account.indeterminate': 'account.indeterminate',
  'account.determinate': 'account.indeterminate',
  'oracle.rejected': 'oracle.rejected',
  'oracle.recovered': 'oracle.rejected',
  'feed.frozen': 'feed.frozen',
  'cascade.warned': 'cascade.warned',
  'cascade.eased': 'cascade.warned',
  'check.late': 'check.late',
  'check.failed': 'check.failed',
  'operator.changed': 'operator.changed',
};

/** The runbook explains the message under this heading. */
export const headingOf = ({ type }: Pick<Message, 'type'>): string => HEADINGS[type];

export const runbookLink = (message: Message, runbook: string): string =>
  `${runbook}#${headingOf(message).replaceAll('.', '')}`;

/** To be typed as it stands: ids are quoted for a shell. */
export function commandOf(message: Message, stack: string): string {
  const at = stack === STACK_DEFAULT ? '' : ` --stack ${quoted(stack)}`;
  return `npx margin ${subcommandOf(message)}${at}`;
}

/** The name that the commands assume. */
export const STACK_DEFAULT = 'MarginChecker';

function subcommandOf(message: Message): string {
  switch (message.type) {
    case 'fund.drawn':
    case 'loss.socialized':
      return 'fund';
    case 'margin-call.cured':
    case 'liquidation.completed':
      return `history ${quoted(message.accountId)}`;
    default:
      return 'accountId' in message ? `account ${quoted(message.accountId)}` : 'status';
  }
}

/** An id may hold anything that a shell would act on, and begin like an option. */
const quoted = (text: string): string =>
  /^[\w.@:+][\w.@:+-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
