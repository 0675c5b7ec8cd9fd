/**
 * The worker's side of a scan: reads a part of a segment, screens its accounts as the check would, and
 * says how far it came. It knows no case and decides about nobody.
 */
import type { AccountsTable } from '../aws/accounts-table.ts';
import { ANSWER_BYTES_MAX, unpacked } from '../aws/worker-answer.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import { inParallel } from '../outbox/parallel.ts';
import { type ReferenceMarket, readMarketText } from '../record/reference-market.ts';
import { writeExactJson } from '../rows/numeral.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import { positionOf, type ScanPosition } from '../rows/scan-options.ts';
import { LARGE_ROWS } from './account-decisions.ts';
import { screenAccount } from './assess-account.ts';
import type { HealthyPart } from './proved-accounts.ts';
import {
  readScanQuestion,
  type ScanAnswer,
  type ScannedSafe,
  type ScannedSuspect,
  type ScanQuestion,
  type ScanRefusal,
  scanRefusal,
  writeScanAnswer,
} from './scan-answer.ts';

/** About a second and a half of work, and a megabyte with certificates. */
const ACCOUNTS_MAX = 4_000;
/** Half of what the check waits: a part may have been begun in a new environment. */
const WORK_MS_MAX = 2_500;
/** Rows compress to less than a fifth. One lot more has to fit. */
const BYTES_MAX = ANSWER_BYTES_MAX / 2;
const COMPRESSION = 5;

/** Makes certificates of the safe accounts of one part, in the order in which they come. */
export interface PartCertifier {
  add(account: AccountRows, parts: readonly HealthyPart[]): void;
  /** The size of `written`, about. */
  readonly bytes: number;
  written(): unknown;
}

export interface ScannerResources {
  readonly accounts: Pick<AccountsTable, 'read' | 'scanSlice'>;
  readonly certifierAt: (market: ReferenceMarket) => PartCertifier;
  /** Milliseconds until the function is stopped. */
  readonly timeLeft: () => number;
}

/** The market of the check that asked last: it asks for many parts. */
let known: { readonly text: string; readonly market: ReferenceMarket } | undefined;

function marketOf(text: string): ReferenceMarket {
  if (known?.text !== text) known = { text, market: readMarketText(unpacked(text)) };
  return known.market;
}

/** @throws Error unless it is a question of this version, or if the first page cannot be read */
export async function scanPart(
  event: unknown,
  resources: ScannerResources,
): Promise<ScanAnswer | ScanRefusal> {
  const question = readScanQuestion(event);
  const refusal = scanRefusal(question);
  if (refusal !== undefined) return refusal;
  const market = marketOf(question.market);
  const scanner = new PartScanner(question, { ...resources, market });
  const position = await scanner.scan();
  return writeScanAnswer(question, { ...scanner.found, position });
}

class PartScanner {
  private readonly question: ScanQuestion;
  private readonly resources: ScannerResources;
  private readonly snapshot: Snapshot;
  private readonly certifier: PartCertifier | undefined;
  private readonly safe: ScannedSafe[] = [];
  private readonly suspects: ScannedSuspect[] = [];
  private rowsBytes = 0;

  constructor(
    question: ScanQuestion,
    resources: ScannerResources & { readonly market: ReferenceMarket },
  ) {
    this.question = question;
    this.resources = resources;
    this.snapshot = resources.market.snapshot;
    if (question.isCertified) this.certifier = resources.certifierAt(resources.market);
  }

  get found() {
    const { safe, suspects, certifier } = this;
    return { safe, suspects, ...(certifier && { certificates: certifier.written() }) };
  }

  /** @returns how far it came */
  async scan(): Promise<ScanPosition | 'whole'> {
    const { segment, of, after, isCertified: isConsistent } = this.question;
    const { accounts, timeLeft } = this.resources;
    const end = timeLeft() - WORK_MS_MAX;
    let position: ScanPosition | undefined;
    try {
      for await (const lot of accounts.scanSlice({ segment, of }, { isConsistent, after })) {
        const before = position;
        // Half of a lot must not be answered.
        position = undefined;
        await this.take(lot);
        position = positionOf(lot.at(-1)) ?? before;
        if (position !== undefined && (this.isFull || timeLeft() < end)) return position;
      }
      return 'whole';
    } catch (error) {
      // The accounts scanned so far are good, and the check asks for the rest.
      if (position === undefined) throw error;
      return position;
    }
  }

  private get isFull(): boolean {
    const { safe, suspects, certifier, rowsBytes } = this;
    const bytes = (certifier?.bytes ?? 0) + rowsBytes / COMPRESSION;
    return safe.length + suspects.length >= ACCOUNTS_MAX || bytes > BYTES_MAX;
  }

  private async take(lot: readonly AccountRows[]): Promise<void> {
    const breached: AccountRows[] = [];
    for (const account of lot) {
      if (this.screen(account) === 'breach') breached.push(account);
    }
    const read = await inParallel(breached, (account) => this.strong(account));
    for (const { accountId, rows } of read) {
      if (rows !== undefined) this.rowsBytes += writeExactJson(rows).length;
      this.suspects.push({ accountId, urgency: 'breach', rows });
    }
  }

  /** Lists it, unless it is a breach. */
  private screen(account: AccountRows): 'breach' | undefined {
    const { accountId, rows } = account;
    const found = rows.length > LARGE_ROWS ? 'large' : this.screened(account);
    if (found === 'breach') return found;
    if (typeof found === 'string') {
      this.suspects.push({ accountId, urgency: found });
      return undefined;
    }
    const { parts, liquidated, debt } = found;
    this.certifier?.add(account, parts);
    this.safe.push({ accountId, subAccounts: parts.length, liquidated, debt });
    return undefined;
  }

  /** The check finds out why an account cannot be assessed, and names it. */
  private screened(account: AccountRows): ReturnType<typeof screenAccount> {
    try {
      return screenAccount(account, this.snapshot);
    } catch {
      return 'other';
    }
  }

  private async strong(
    account: AccountRows,
  ): Promise<Partial<AccountRows> & { accountId: string }> {
    const { accountId } = account;
    if (this.question.isCertified) return account;
    try {
      return await this.resources.accounts.read(accountId);
    } catch {
      // The check reads it by itself, and names the failure if it stays.
      return { accountId };
    }
  }
}
