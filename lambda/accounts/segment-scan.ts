/**
 * Scans the accounts table by segments, and sorts what it finds by urgency. Once it has met thousands of
 * accounts, workers scan what is left of each segment; where one fails, the check goes on by itself.
 */
import pMap from 'p-map';
import { SCANS_AT_ONCE } from '../aws/accounts-table.ts';
import { TimeOverError } from '../outbox/time-limit.ts';
import type { AccountRows } from '../rows/raw-row.ts';
import { positionOf, type ScanOptions, type ScanPosition } from '../rows/scan-options.ts';
import {
  type AccountDecisions,
  type DecisionsInput,
  isFoundByCase,
  LARGE_ROWS,
} from './account-decisions.ts';
import type { SharedSegment } from './account-workers.ts';
import { screenAccount } from './assess-account.ts';
import type { NoteScanned } from './proved-accounts.ts';
import type { ScannedPart, ScannedSafe, ScannedSuspect } from './scan-answer.ts';
import type { Urgency } from './urgency.ts';

/** Accounts that have their turn after the scan. */
export interface Found {
  /** Below a call line with an open case: a call may have expired, so that a plan is due. */
  readonly openCalls: string[];
  readonly first: string[];
  readonly calls: string[];
  readonly others: string[];
  readonly large: string[];
}

export interface SegmentScanInput extends DecisionsInput {
  readonly decisions: AccountDecisions;
  readonly found: Found;
  /** Runs a step; if it fails, the check is not whole. */
  readonly step: (what: string, work: () => Promise<void>) => Promise<void>;
}

/** Workers go on from here. */
class HandedOver extends Error {}

type Listed = Urgency | 'large';

export class SegmentScan {
  private readonly input: SegmentScanInput;
  /** By segment: the last row that was met. */
  private readonly reached = new Map<number, ScanPosition | 'whole'>();
  /** Segments that were left because no time was. */
  private readonly left = new Set<number>();
  private scanned = 0;

  constructor(input: SegmentScanInput) {
    this.input = input;
  }

  async run(): Promise<void> {
    const { fanOut } = this.input;
    if (fanOut === undefined) return this.scanAll();
    await this.scanAll(() => this.scanned >= fanOut.accountsMin);
    await this.share(fanOut);
    await this.scanAll();
  }

  /** @param isOver asked before each segment, and each page is used: whether workers go on from there */
  private async scanAll(isOver = () => false): Promise<void> {
    const { accounts, step } = this.input;
    const { segments, segmentNumbers } = accounts;
    const scan = async (segment: number) => {
      if (isOver()) return;
      await step(`the scan of segment ${segment + 1} of ${segments}`, async () => {
        await this.scanSegment(segment, isOver).catch((error: unknown) => {
          if (error instanceof TimeOverError) this.left.add(segment);
          if (!(error instanceof HandedOver)) throw error;
        });
      });
    };
    const goingOn = segmentNumbers.filter((segment) => !this.left.has(segment));
    await pMap(goingOn, scan, { concurrency: SCANS_AT_ONCE });
  }

  private async share(fanOut: NonNullable<DecisionsInput['fanOut']>): Promise<void> {
    const { accounts, step, runner } = this.input;
    const segments = accounts.segmentNumbers.flatMap((segment): SharedSegment[] => {
      const how = this.howToScan(segment);
      if (how === undefined) return [];
      const { after, isConsistent: isCertified = false } = how;
      return [{ segment, of: accounts.segments, after, isCertified }];
    });
    await step('the scan by workers', () =>
      fanOut.scan(segments, {
        hasTime: () => !runner.limit.isScanOver,
        prepare: (part, of) => this.prepared(part, of),
      }),
    );
  }

  /** Undefined if the whole segment is known. */
  private howToScan(segment: number): ScanOptions | undefined {
    const { proved } = this.input;
    const how = proved === undefined ? {} : proved.scanOf(segment);
    const reached = this.reached.get(segment);
    if (how === undefined || reached === 'whole') return undefined;
    return reached === undefined ? how : { ...how, after: reached };
  }

  private noteReached(segment: number, position: ScanPosition | 'whole'): void {
    this.reached.set(segment, position);
    this.input.proved?.noteScanned(segment, position);
  }

  private async scanSegment(segment: number, isOver: () => boolean): Promise<void> {
    const { proved, accounts: table, runner, decisions } = this.input;
    const how = this.howToScan(segment);
    if (how === undefined) return;
    if (runner.limit.isScanOver) throw new TimeOverError();
    await table.forEachPage(segment, {
      ...how,
      screen: (accounts) => {
        if (runner.limit.isScanOver) throw new TimeOverError();
        if (isOver()) throw new HandedOver();
        const found = proved?.uncovered(accounts) ?? accounts;
        runner.counters.countRead(found.length);
        this.scanned += found.length;
        const breached = found.filter((account) => this.screen(account) === 'breach');
        const position = positionOf(accounts.at(-1));
        if (position !== undefined) this.noteReached(segment, position);
        return breached.map(({ accountId }) => accountId);
      },
      process: (accountIds) => decisions.decideAbout(accountIds, 'hold'),
    });
    this.noteReached(segment, 'whole');
  }

  private screen(account: AccountRows): Listed | undefined {
    const { accountId, rows } = account;
    try {
      if (rows.length > LARGE_ROWS) return this.list(accountId, 'large');
      const screened = screenAccount(account, this.input.context.snapshot);
      if (typeof screened === 'string') return this.list(accountId, screened);
      const { parts, ...safe } = screened;
      if (!this.isSafe(accountId, { ...safe, subAccounts: parts.length })) {
        return this.list(accountId, 'other');
      }
      this.input.decisions.noteHealthy(account, parts);
      return undefined;
    } catch (error) {
      this.input.proved?.meet(accountId);
      this.input.decisions.countFailed(accountId, error);
      return undefined;
    }
  }

  /** @returns what uses it. @throws Error if its certificates cannot be used */
  private prepared(
    part: ScannedPart,
    { segment, isCertified }: SharedSegment,
  ): () => Promise<void> {
    const { proved, runner, decisions } = this.input;
    const { safe, suspects, certificates, position } = part;
    const note = isCertified ? proved?.readCertificates(certificates, safe) : undefined;
    const unknown = (accounts: readonly (ScannedSafe | ScannedSuspect)[]) =>
      new Set<object>(proved?.uncovered(accounts) ?? accounts);
    return async () => {
      const toCount = unknown([...safe, ...suspects]);
      runner.counters.countRead(toCount.size);
      for (const [place, found] of safe.entries()) {
        if (toCount.has(found)) this.takeSafe(found, place, note);
      }
      const breached = suspects.flatMap((suspect) => {
        const { accountId, urgency, rows } = suspect;
        if (!toCount.has(suspect) || this.list(accountId, urgency) !== 'breach') return [];
        return [rows === undefined ? accountId : { accountId, rows }];
      });
      this.noteReached(segment, position);
      await decisions.decideAbout(breached, 'hold');
    };
  }

  private takeSafe(safe: ScannedSafe, place: number, note: NoteScanned | undefined): void {
    const { accountId } = safe;
    if (this.isSafe(accountId, safe)) note?.(accountId, place, isFoundByCase(accountId));
    else this.list(accountId, 'other');
  }

  /** @returns whether it is safe and has no open case, and so needs nothing more */
  private isSafe(
    accountId: string,
    { subAccounts, liquidated, debt }: Omit<ScannedSafe, 'accountId'>,
  ): boolean {
    const { decisions, gauge, shocks, runner } = this.input;
    if (decisions.hasOpenCase(accountId)) return false;
    gauge.add(liquidated);
    shocks.add(debt);
    runner.counters.countSafeAccount(subAccounts);
    return true;
  }

  /** Lists it for its turn; a breach has its turn now. */
  private list(accountId: string, urgency: Listed): Listed {
    const { proved, runner } = this.input;
    if (urgency === 'large') runner.counters.countLarge(accountId);
    proved?.meet(accountId);
    if (urgency !== 'breach') this.listFor(accountId, urgency).push(accountId);
    return urgency;
  }

  private listFor(accountId: string, urgency: Exclude<Listed, 'breach'>): string[] {
    const { first, openCalls, calls, others, large } = this.input.found;
    if (this.input.first.has(accountId)) return first;
    if (urgency === 'large') return large;
    if (urgency === 'other') return others;
    return this.input.decisions.hasOpenCase(accountId) ? openCalls : calls;
  }
}
