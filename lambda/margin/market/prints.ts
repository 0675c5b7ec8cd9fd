/**
 * Whether the print of one source is believed. A move within `maxJump` is. A larger one stays
 * suspect until a second source, or a newer print, confirms the part of it that both have reached.
 */
import {
  absolute,
  compare,
  isAbove,
  type Price,
  type Ratio,
  subtract,
  times,
} from '../number/decimal.ts';
import type { OracleInput, PricePrint, RememberedPrice } from './oracle.ts';
import type { MoveWindow } from './policy.ts';
import { ageSecondsOf, type Consensus } from './sources.ts';

export interface Judged {
  readonly believed: PricePrint;
  /** Said by one source, and believed only when something confirms it. */
  readonly suspect?: PricePrint | undefined;
  /** The newest print, within `maxJump` beyond the believed one; a newer one may confirm it. */
  readonly ahead?: PricePrint | undefined;
  /** The newest print went at least as far, so the price is as young as that one. */
  readonly isConfirmed?: true | undefined;
  readonly isFirstPrint?: true | undefined;
}

/** @param heard what the sources that agree say */
export function judge(heard: Consensus, input: OracleInput): Judged {
  const now = { price: heard.price, publishedAt: heard.publishedAt };
  const { previous } = input;
  if (previous === undefined || heard.sources.length > 1) return { believed: now };
  if (previous === null) return { believed: now, isFirstPrint: true };
  if (previous.isFirstPrint) return judgeFirstPrint(now, previous, input);
  const before = { price: previous.price, publishedAt: previous.publishedAt ?? now.publishedAt };
  if (passesWindow(now, input)) return { believed: before, suspect: now };
  if (isJump(before.price, now.price, input.rules.maxJump)) {
    return judgeJump({ before, now, unconfirmed: previous.suspect ?? previous.ahead }, input);
  }
  const wasApart = heard.sources.some((source) => previous.apart?.includes(source));
  if (!wasApart) return { believed: now };
  return judgeApart({ before, now, unconfirmed: previous.suspect }, input);
}

interface Prints {
  readonly before: PricePrint;
  /** The newest one before, if nothing had confirmed it. */
  readonly unconfirmed: PricePrint | undefined;
  readonly now: PricePrint;
}

/**
 * Two prints on the same side confirm the price that both have reached. So the belief lies between
 * the last two prints, however far each goes: it is never more than one check behind.
 */
function judgeJump({ before, unconfirmed, now }: Prints, { rules }: OracleInput): Judged {
  const isConfirmed =
    unconfirmed !== undefined &&
    now.publishedAt > unconfirmed.publishedAt &&
    isAbove(unconfirmed.price, before.price) === isAbove(now.price, before.price);
  if (!isConfirmed) return { believed: before, suspect: now };
  const believed = nearerTo(before.price, unconfirmed, now);
  const confirmed = { believed, isConfirmed: true } as const;
  if (compare(believed.price, now.price) === 0) return confirmed;
  // The newer one may jump from there.
  return isJump(believed.price, now.price, rules.maxJump)
    ? { ...confirmed, suspect: now }
    : { ...confirmed, ahead: now };
}

/** A source that disagreed and is now alone: believed when a newer quote is near the first. */
function judgeApart({ before, unconfirmed, now }: Prints, { rules }: OracleInput): Judged {
  if (unconfirmed === undefined) return { believed: before, suspect: now };
  if (now.publishedAt <= unconfirmed.publishedAt) return { believed: before, suspect: unconfirmed };
  const isNear = !isJump(unconfirmed.price, now.price, rules.maxJump);
  return isNear ? { believed: now } : { believed: before, suspect: now };
}

function judgeFirstPrint(now: PricePrint, first: RememberedPrice, { rules }: OracleInput): Judged {
  const isNewer = now.publishedAt > (first.publishedAt ?? now.publishedAt);
  if (isNewer && !isJump(first.price, now.price, rules.maxJump)) return { believed: now };
  return { believed: now, isFirstPrint: true };
}

const isJump = (from: Price, to: Price, maxJump: Ratio): boolean =>
  isAbove(absolute(subtract(to, from)), times(from, maxJump));

/** The newer one if both are at one price: it is true of that time, too. */
const nearerTo = (from: Price, older: PricePrint, newer: PricePrint): PricePrint =>
  compare(absolute(subtract(older.price, from)), absolute(subtract(newer.price, from))) < 0
    ? older
    : newer;

/** Small steps of one source may not walk a price farther than a window allows. */
const passesWindow = (now: PricePrint, { rules, previous, asOf }: OracleInput): boolean =>
  rules.maxMoveWindows.some((window, index) => {
    const anchor = previous?.anchors?.[index];
    return anchor !== undefined && isIn(window, anchor, asOf)
      ? isJump(anchor.price, now.price, window.maxMove)
      : false;
  });

const isIn = ({ seconds }: MoveWindow, anchor: PricePrint, asOf: number): boolean =>
  ageSecondsOf(anchor.publishedAt, asOf) < seconds;

/** A window begins anew at the believed price when it is over. Its time is that of the check. */
export function anchorsOf(
  believed: PricePrint,
  { rules, previous, asOf }: OracleInput,
): Pick<RememberedPrice, 'anchors'> {
  if (rules.maxMoveWindows.length === 0) return {};
  const anchors = rules.maxMoveWindows.map((window, index) => {
    const anchor = previous?.anchors?.[index];
    if (anchor !== undefined && isIn(window, anchor, asOf)) return anchor;
    return { price: believed.price, publishedAt: asOf };
  });
  return { anchors };
}
