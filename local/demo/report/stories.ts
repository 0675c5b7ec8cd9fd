import type { Bound } from '../../../lambda/margin/curve/figure.ts';
import {
  type Amount,
  amount,
  isAbove,
  NO_AMOUNT,
  subtract,
  textOf,
} from '../../../lambda/margin/number/decimal.ts';
import { groupBy } from '../../../lambda/margin/number/group-by.ts';
import type { AccountMessage, Message, MessageType } from '../../../lambda/messages/messages.ts';
import type { SurplusEvent, SurplusPoint } from '../../report/charts/surplus-over-time.ts';
import type { History } from '../history.ts';
import { kindOf } from '../kinds.ts';
import { type Messages, notionalOf } from '../message-counts.ts';
import { assessedAt, type CheckView, type SubjectName } from './reassess.ts';

export interface Story extends SubjectName {
  readonly name: string;
  readonly story: string;
  readonly events: readonly SurplusEvent[];
}

const isOfAccount = (message: Message): message is AccountMessage => 'accountId' in message;

const nameOf = ({ accountId, position }: SubjectName): string =>
  position === undefined ? accountId : `${accountId}, isolated ${position}`;

/** Selects the largest `size`, then the first by name. */
interface Choice {
  readonly story: string;
  readonly has: readonly MessageType[];
  readonly hasNot: readonly MessageType[];
  readonly size: (message: AccountMessage) => Amount;
}

const CHOICES: readonly Choice[] = [
  {
    story: 'called and cured',
    has: ['margin-call.issued', 'margin-call.cured'],
    hasNot: ['liquidation.ordered'],
    size: (message) => ('amountDue' in message ? amount(message.amountDue) : NO_AMOUNT),
  },
  {
    story: 'called, then liquidated',
    has: ['margin-call.issued', 'liquidation.ordered'],
    hasNot: ['deficit.detected'],
    size: (message) => (message.type === 'liquidation.ordered' ? notionalOf(message) : NO_AMOUNT),
  },
  {
    story: 'fell into deficit',
    has: ['deficit.detected'],
    hasNot: [],
    size: (message) =>
      message.type === 'deficit.detected' ? amount(message.shortfall) : NO_AMOUNT,
  },
];

export function storiesOf(messages: Messages, history: History): Story[] {
  const heard = groupBy(messages.filter(isOfAccount), nameOf);
  const healthy = healthyStory(messages, history);
  const others = CHOICES.flatMap((choice) => storyOf(choice, heard) ?? []);
  return healthy === undefined ? others : [healthy, ...others];
}

/** The first without alerts, preferably a long. */
function healthyStory(messages: Messages, { accountIds }: History): Story | undefined {
  const heard = new Set(messages.filter(isOfAccount).map(({ accountId }) => accountId));
  const quiet = accountIds.filter((accountId) => !heard.has(accountId));
  const accountId = quiet.find((each) => kindOf(each) === 'long') ?? quiet[0];
  if (accountId === undefined) return undefined;
  return { accountId, name: accountId, story: 'healthy throughout', events: [] };
}

function storyOf(choice: Choice, heard: ReadonlyMap<string, AccountMessage[]>): Story | undefined {
  const fitting = [...heard]
    .filter(([, about]) => fits(choice, about))
    .toSorted(([left], [right]) => (left < right ? -1 : 1));
  let best: { name: string; about: AccountMessage[]; size: Amount } | undefined;
  for (const [name, about] of fitting) {
    const size = about.map(choice.size).reduce((most, each) => (isAbove(each, most) ? each : most));
    if (best === undefined || isAbove(size, best.size)) best = { name, about, size };
  }
  const [first] = best?.about ?? [];
  if (best === undefined || first === undefined) return undefined;
  const { accountId, position } = first;
  const events = best.about.flatMap(eventOf);
  return { accountId, position, name: best.name, story: choice.story, events };
}

const fits = ({ has, hasNot }: Choice, about: readonly AccountMessage[]): boolean => {
  const types = new Set<MessageType>(about.map(({ type }) => type));
  return has.every((type) => types.has(type)) && !hasNot.some((type) => types.has(type));
};

const EVENTS: { readonly [Type in MessageType]?: SurplusEvent['kind'] } = {
  'margin-call.issued': 'call',
  'margin-call.cured': 'cure',
  'liquidation.ordered': 'liquidation',
  'deficit.detected': 'deficit',
};

function eventOf({ type, asOf }: AccountMessage): SurplusEvent[] {
  const kind = EVENTS[type];
  return kind === undefined ? [] : [{ timeMs: Date.parse(asOf), kind }];
}

export function surplusAt(story: Story, view: CheckView, history: History): SurplusPoint {
  const assessed = assessedAt(story, view, history);
  const usd = (exact: Bound | undefined) =>
    exact === undefined || exact === 'unbounded' ? Number.NaN : Number(textOf(exact));
  const surplus = assessed?.surplus.liquidation;
  const above = (line: Amount | undefined) =>
    assessed === undefined || line === undefined
      ? Number.NaN
      : usd(subtract(line, assessed.lines.liquidation));
  return {
    timeMs: view.asOf,
    lowUsd: usd(surplus?.low),
    pointUsd: usd(surplus?.point),
    highUsd: usd(surplus?.high),
    callLineUsd: above(assessed?.lines.call),
    restoreLineUsd: above(assessed?.lines.restore),
  };
}
