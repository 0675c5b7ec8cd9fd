/** The few figures and names of a message that fit on a telephone. */
import { causeOf, clockOf, type MessageOf, policyLine, whoOf } from '../messages/headline.ts';
import type { Figures, Message } from '../messages/messages.ts';

export type Fact = readonly [name: string, value: string];

/** The orders, accounts or reasons of one message that a notice names. */
const LISTED_MAX = 4;

export function factsOf(message: Message): readonly Fact[] {
  return [
    ...subjectFacts(message),
    ...('amountDue' in message
      ? ([
          ['amount due', moneyOf(message, message.amountDue)],
          ['deadline', clockOf(message.deadline)],
        ] as const)
      : []),
    ...ownFacts(message),
    ...('figures' in message && message.figures !== undefined ? figureFacts(message.figures) : []),
  ];
}

const moneyOf = ({ figures }: { readonly figures: Figures }, amount: string): string =>
  `${amount} ${figures.numeraire}`;

const subjectFacts = (message: Message): Fact[] => [
  ...('accountId' in message ? [['account', whoOf(message)] as const] : []),
  ...('feed' in message ? [['feed', message.feed] as const] : []),
  ...('market' in message ? [['market', message.market] as const] : []),
];

function ownFacts(message: Message): Fact[] {
  switch (message.type) {
    case 'margin-call.expired':
      return message.nextDeadline === undefined
        ? [['now', 'liquidated by the policy']]
        : [['new deadline', clockOf(message.nextDeadline)]];
    case 'liquidation.ordered':
      return orderFacts(message);
    case 'liquidation.withheld':
    case 'account.indeterminate':
      return listed('reason', message.reasons, ({ detail }) => detail);
    case 'deficit.detected':
      return [['shortfall', moneyOf(message, message.shortfall)]];
    case 'fund.drawn':
      return drawnFacts(message);
    case 'loss.socialized':
      return [['loss', `${message.amount} ${message.numeraire}, by ${message.method}`]];
    case 'oracle.rejected':
      return [
        ['undecided accounts', String(message.accounts)],
        ['reason', causeOf(message)],
      ];
    case 'feed.frozen':
      return [['unchanged since', clockOf(message.since)]];
    case 'cascade.warned':
    case 'cascade.eased':
      return [['liquidated notional ÷ depth', message.ratio]];
    case 'check.failed':
      return [
        ['since', clockOf(message.since)],
        ['error', `${message.error}: ${message.detail}`],
      ];
    case 'operator.changed':
      return [
        ['policy', policyLine(message)],
        ['before', policyLine(message.previous)],
      ];
    default:
      return [];
  }
}

function orderFacts({ plan, expiresAt }: MessageOf<'liquidation.ordered'>): Fact[] {
  return [
    ...listed('swap', plan.swaps ?? [], ({ collateral, seized, loan, repaid }) => {
      return `${seized} ${collateral} for ${repaid} ${loan} of the loan`;
    }),
    ...listed('order', plan.orders, ({ side, quantity, market, limitPrice }) => {
      const limit = limitPrice === undefined ? '' : ` at ${limitPrice} or better`;
      return `${side} ${quantity} ${market}${limit}`;
    }),
    ['plan expires', clockOf(expiresAt)],
  ];
}

function drawnFacts(message: MessageOf<'fund.drawn'>): Fact[] {
  const money = (name: string, amount: string): Fact => [name, `${amount} ${message.numeraire}`];
  return [
    money('shortfall', message.shortfall),
    money('drawn from the fund', message.drawn),
    money('borne by others', message.socialized),
    money('uncovered', message.uncovered),
    money('left in the fund', message.fundBalance),
  ];
}

function figureFacts(figures: Omit<Figures, 'level'> & { readonly level?: string }): Fact[] {
  const { numeraire, equity, marginBalance, liquidationLine, liquidationSurplus } = figures;
  return [
    ['level', figures.level ?? 'undecided'],
    ['equity', `${equity.point} ${numeraire}`],
    ['margin balance', `${marginBalance.point} ${numeraire}`],
    ['liquidation line', `${liquidationLine} ${numeraire}`],
    ['liquidation surplus', `${liquidationSurplus.point} ${numeraire}`],
  ];
}

/** The last fact counts those that are not named. */
function listed<T>(name: string, entries: readonly T[], text: (entry: T) => string): Fact[] {
  const facts = entries.slice(0, LISTED_MAX).map((entry): Fact => [name, text(entry)]);
  const rest = entries.length - facts.length;
  return rest > 0 ? [...facts, [name, `and ${rest} more`]] : facts;
}
