/** Puts what a case carries for the history: its decision records, and rows such as the fund's. */
import { inParallel } from './parallel.ts';
import { PART, partsOf, recordKey, recordPartKeys } from './parts.ts';
import { publicationsOf, type Reached, remaining } from './pending-messages.ts';
import type { CaseStore } from './ports.ts';
import { CASE, type Key, type PendingDecision, type StoredCase } from './stored-case.ts';

/** A larger record goes into parts, so that the case has space for messages. */
const RECORD_BYTES_MAX = 100_000;

const DAY_SECONDS = 86_400;

export class CaseRecords {
  private readonly margin: CaseStore;
  private readonly expiresAtSeconds: number;

  constructor(input: { readonly margin: CaseStore; readonly expiresAtSeconds: number }) {
    this.margin = input.margin;
    this.expiresAtSeconds = input.expiresAtSeconds;
  }

  /**
   * Puts a large record of the latest decision. A case cannot name parts that are not there, so they
   * are put before it, and they outlast the row that names them.
   */
  async putParts(next: StoredCase): Promise<StoredCase> {
    const { key, pending } = next;
    const last = pending.at(-1);
    if (last?.record === undefined || last.record.length <= RECORD_BYTES_MAX) return next;
    const { record, ...decision } = last;
    const parts = partsOf(record);
    const keys = recordPartKeys(recordKeyOf(key, last.checkId), parts.length);
    await inParallel(keys.entries(), ([index, part]) =>
      this.margin.putHistory(part, { [PART]: parts[index] }, this.expiresAtSeconds + DAY_SECONDS),
    );
    const recorded = { ...decision, recordParts: parts.length };
    return { ...next, pending: [...pending.slice(0, -1), recorded] };
  }

  /**
   * Puts the rows and records, and takes them and what was published off the case.
   * @returns the case as it is then
   */
  async clear(stored: StoredCase, reached: Reached): Promise<StoredCase> {
    const { margin } = this;
    const { key } = stored;
    const rows = stored.pending.flatMap((decision) => decision.rows ?? []);
    await inParallel(rows, ({ sk, attributes }) => margin.putRow({ pk: key.pk, sk }, attributes));
    const recorded = stored.pending.filter(hasRecord);
    for (const decision of recorded) await this.putRecord(key, decision);
    const left = stored.pending.map((each) => remaining(messagesOf(each), reached));
    const pending = left.filter(({ messages }) => messages.length > 0);
    const isSame =
      pending.length === stored.pending.length &&
      publicationsOf(pending).length === publicationsOf(stored.pending).length;
    if (rows.length === 0 && recorded.length === 0 && isSame) return stored;
    // A later run that has written the case has taken over its pending messages.
    const decide = (now: StoredCase | undefined) =>
      now?.version === stored.version ? { ...stored, pending } : undefined;
    const { stored: now = stored } = await margin.update(key, decide, {
      stored,
      over: 'any check',
    });
    return now;
  }

  private putRecord(key: Key, { checkId, record, recordParts }: PendingDecision): Promise<void> {
    const attributes = record === undefined ? { parts: recordParts } : { record };
    const at = recordKeyOf(key, checkId);
    return this.margin.putHistory(at, { checkId, ...attributes }, this.expiresAtSeconds);
  }
}

const recordKeyOf = ({ pk, sk }: Key, checkId: string): Key =>
  recordKey(pk, checkId, sk.slice(CASE.length));

const hasRecord = ({ record, recordParts }: PendingDecision): boolean =>
  record !== undefined || recordParts !== undefined;

/** @returns the decision itself if it has messages alone */
function messagesOf(decision: PendingDecision): PendingDecision {
  if (decision.rows === undefined && !hasRecord(decision)) return decision;
  const { checkId, messages } = decision;
  return { checkId, messages };
}
