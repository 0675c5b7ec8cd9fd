/**
 * Question and answer between a check and a worker that scans a part of a segment, as JSON. A worker
 * assesses what it meets, so it is believed only if its sources are those of the check.
 */
import { ANSWER_BYTES_MAX, AnswerError, packed, rowOf, unpacked } from '../aws/worker-answer.ts';
import { MOVES, type Move } from '../margin/book/exposures.ts';
import type { LiquidatedByMove } from '../margin/liquidation/cascade.ts';
import { NO_SHOCK_DEBT, type ShockDebt } from '../margin/liquidation/shock-debt.ts';
import { isZero, recordedAmount, textOf } from '../margin/number/decimal.ts';
import { parseExactJson, writeExactJson } from '../rows/numeral.ts';
import type { RawRow } from '../rows/raw-row.ts';
import type { ScanPosition } from '../rows/scan-options.ts';
import * as z from '../rows/zod.ts';
import { SOURCES } from '../version.ts';
import type { Urgency } from './urgency.ts';

/** Raise it with the form of either. */
export const SCAN_FORMAT = 'scan/1';

/** The rest of a segment that a worker scans. */
export interface ScanPart {
  /** Names it: a check and a number. */
  readonly part: string;
  readonly segment: number;
  /** The number of segments. */
  readonly of: number;
  /** Absent: from the beginning. */
  readonly after?: ScanPosition | undefined;
  /** `packed` text of `writeMarket`. */
  readonly market: string;
  /** Strongly consistent, with a certificate of each safe account. */
  readonly isCertified: boolean;
}

export interface ScanQuestion extends ScanPart {
  readonly format: typeof SCAN_FORMAT;
  readonly sources: string;
}

/** Healthy for certain. */
export interface ScannedSafe {
  readonly accountId: string;
  readonly subAccounts: number;
  /** Positions that a move of 1 % would still liquidate. */
  readonly liquidated: readonly LiquidatedByMove[];
  readonly debt: ShockDebt;
}

export interface ScannedSuspect {
  readonly accountId: string;
  /** `large`: it has many rows, and was not assessed. */
  readonly urgency: Urgency | 'large';
  /** By a strongly consistent read, if it is below a liquidation line. */
  readonly rows?: readonly RawRow[] | undefined;
}

export interface ScannedPart {
  readonly safe: readonly ScannedSafe[];
  readonly suspects: readonly ScannedSuspect[];
  /** The last row that was met, or that the segment has ended. */
  readonly position: ScanPosition | 'whole';
  /** As the certified book writes and reads them; absent if none were asked for. */
  readonly certificates?: unknown;
}

export interface ScanAnswer {
  readonly format: typeof SCAN_FORMAT;
  readonly sources: string;
  readonly part: string;
  readonly position: ScanPosition | 'whole';
  /** `packed` JSON of `[accountId, sub-accounts, liquidated?, debt?]`. */
  readonly safe: string;
  /** `packed` exact JSON of `[accountId, urgency, rows?]`. */
  readonly suspects: string;
  readonly certificates?: unknown;
}

/** A worker of other sources does not scan, and says so: no answer that the check can use. */
export type ScanRefusal = Pick<ScanAnswer, 'format' | 'sources' | 'part'>;

const position = z.strictObject({ accountId: z.string(), item: z.string() });
const count = z.int().check(z.nonnegative());

const question = z.strictObject({
  format: z.literal(SCAN_FORMAT),
  sources: z.string(),
  part: z.string(),
  segment: count,
  of: count,
  after: z.optional(position),
  market: z.string(),
  isCertified: z.boolean(),
});

export const isScanQuestion = (event: unknown): boolean =>
  typeof event === 'object' && event !== null && 'format' in event && event.format === SCAN_FORMAT;

/** @throws Error if it is none of this version */
export const readScanQuestion = (event: unknown): ScanQuestion => z.parse(question, event);

const answer = z.strictObject({
  format: z.literal(SCAN_FORMAT),
  sources: z.literal(SOURCES),
  part: z.string(),
  position: z.union([z.literal('whole'), position]),
  safe: z.string(),
  suspects: z.string(),
  certificates: z.optional(z.unknown()),
});

const safe = z.array(
  z.tuple([
    z.string(),
    count,
    z.optional(z.array(z.tuple([z.string(), z.enum(MOVES), z.string()]))),
    z.optional(z.tuple([z.string(), z.string()])),
  ]),
);

const suspects = z.array(
  z.tuple([
    z.string(),
    z.enum(['breach', 'call', 'other', 'large']),
    z.optional(z.array(z.unknown())),
  ]),
);

/** Undefined if the worker may answer. */
export const scanRefusal = ({ sources, part }: ScanQuestion): ScanRefusal | undefined =>
  sources === SOURCES ? undefined : { format: SCAN_FORMAT, sources: SOURCES, part };

/** Rows that do not fit are left out: the check reads these accounts again. */
export function writeScanAnswer(
  { part }: Pick<ScanQuestion, 'part'>,
  { position, certificates, ...found }: ScannedPart,
): ScanAnswer {
  const written: ScanAnswer = {
    format: SCAN_FORMAT,
    ...{ sources: SOURCES, part, position },
    safe: packed(JSON.stringify(found.safe.map(writtenSafe))),
    suspects: packed(writeExactJson(found.suspects.map(writtenSuspect))),
    ...(certificates === undefined ? {} : { certificates }),
  };
  if (sizeOf(written) <= ANSWER_BYTES_MAX) return written;
  const bare = found.suspects.map(({ accountId, urgency }) => [accountId, urgency]);
  return { ...written, suspects: packed(JSON.stringify(bare)) };
}

const sizeOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

function writtenSafe({ accountId, subAccounts, liquidated, debt }: ScannedSafe): unknown[] {
  const { fall, rise } = debt;
  const owes = !isZero(fall) || !isZero(rise);
  if (liquidated.length === 0 && !owes) return [accountId, subAccounts];
  const moved = liquidated.map(({ market, move, notional }) => [market, move, textOf(notional)]);
  return [accountId, subAccounts, moved, ...(owes ? [[textOf(fall), textOf(rise)]] : [])];
}

const writtenSuspect = ({ accountId, urgency, rows }: ScannedSuspect): unknown[] =>
  rows === undefined ? [accountId, urgency] : [accountId, urgency, rows];

/** @throws AnswerError unless it answers this question: each account once */
export function readScanAnswer(given: unknown, asked: ScanQuestion): ScannedPart {
  const parsed = z.safeParse(answer, given);
  if (!parsed.success) throw new AnswerError('the worker gave no answer of this version');
  const { part, position, certificates } = parsed.data;
  if (part !== asked.part) {
    throw new AnswerError(`the worker answered ${part} instead of ${asked.part}`);
  }
  const found = foundIn(parsed.data);
  const ids = [...found.safe, ...found.suspects].map(({ accountId }) => accountId);
  if (new Set(ids).size < ids.length) {
    throw new AnswerError('the worker answered an account twice');
  }
  if (ids.length === 0 && position !== 'whole') {
    throw new AnswerError('the worker has scanned nothing');
  }
  return { ...found, position, certificates };
}

function foundIn(texts: Pick<ScanAnswer, 'safe' | 'suspects'>) {
  try {
    const ofSafe = z.parse(safe, JSON.parse(unpacked(texts.safe)));
    const ofSuspects = z.parse(suspects, parseExactJson(unpacked(texts.suspects)));
    return {
      safe: ofSafe.map(([accountId, subAccounts, liquidated = [], debt]) => ({
        ...{ accountId, subAccounts },
        liquidated: liquidated.map(liquidatedIn),
        debt: debt === undefined ? NO_SHOCK_DEBT : debtIn(debt),
      })),
      suspects: ofSuspects.map(([accountId, urgency, rows]) => ({
        ...{ accountId, urgency },
        rows: rows?.map((row) => rowOf(row, accountId)),
      })),
    };
  } catch (error) {
    throw new AnswerError(`the worker’s accounts cannot be read: ${(error as Error).message}`);
  }
}

const liquidatedIn = ([market, move, notional]: [string, Move, string]): LiquidatedByMove => ({
  ...{ market, move },
  notional: recordedAmount(notional),
});

const debtIn = ([fall, rise]: readonly [string, string]): ShockDebt => ({
  fall: recordedAmount(fall),
  rise: recordedAmount(rise),
});
