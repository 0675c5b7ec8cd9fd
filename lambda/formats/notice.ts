/** A notice has what every receiver shows of a message; each format writes it as the receiver's JSON. */
import { adviceOf, commandOf, runbookLink } from '../messages/advice.ts';
import { endingAtWord, headlineOf } from '../messages/headline.ts';
import type { Message, Severity } from '../messages/messages.ts';
import type { Origin } from '../messages/origin.ts';
import { visible } from '../messages/visible.ts';
import { type Fact, factsOf } from './facts.ts';

export interface Notice {
  readonly severity: Severity;
  readonly title: string;
  readonly advice: string;
  readonly facts: readonly Fact[];
  /** To be typed. */
  readonly command: string;
  /** The paragraph of the runbook: an address, or a path in the repository. */
  readonly runbook: string;
  /** "MarginChecker in eu-west-1" */
  readonly sender: string;
}

/** Characters of one value; an id has at most 128. */
const VALUE_LENGTH_MAX = 160;
const ADVICE_LENGTH_MAX = 600;
const TITLE_LENGTH_MAX = 300;
/** An account with an id of 128 quotes, each written as four characters, and a long stack name. */
const COMMAND_LENGTH_MAX = 700;

export function noticeOf(message: Message, origin: Origin): Notice {
  const { stack, region } = origin;
  return {
    severity: message.severity,
    title: endingAtWord(headlineOf(message), TITLE_LENGTH_MAX),
    advice: endingAtWord(visible(adviceOf(message)), ADVICE_LENGTH_MAX),
    facts: factsOf(message).map(([name, value]) => [
      name,
      endingAtWord(visible(value), VALUE_LENGTH_MAX),
    ]),
    command: endingAtWord(visible(commandOf(message, stack)), COMMAND_LENGTH_MAX),
    runbook: runbookLink(message, origin.runbook),
    sender: region === undefined ? stack : `${stack} in ${region}`,
  };
}

/** A path in the repository is no address that a chat could open. */
export const isAddress = (runbook: string): boolean => /^https:\/\/[^\s<>|"'`]+$/.test(runbook);

/**
 * One matter: what opens it, repeats it and ends it has the same key. What no message ends has another
 * key each time, or the next outage would be taken for the one before and page nobody.
 */
export function matterOf(message: Message): string {
  switch (message.type) {
    case 'account.indeterminate':
    case 'account.determinate':
      return `known/${message.accountId}${message.position === undefined ? '' : `#${message.position}`}`;
    case 'oracle.rejected':
    case 'oracle.recovered':
      return `feed/${message.feed}`;
    case 'feed.frozen':
      return `frozen/${message.feed}/${message.since}`;
    case 'cascade.warned':
    case 'cascade.eased':
      return `market/${message.market}`;
    case 'check.late':
    case 'operator.changed':
      return `${message.type}/${message.checkId}`;
    case 'check.failed':
      return `${message.type}/${message.since}`;
    case 'fund.drawn':
      return `claim/${message.claimId}`;
    case 'loss.socialized':
      return `loss/${message.lossId}`;
    default:
      return `case/${message.caseId ?? message.accountId}`;
  }
}
