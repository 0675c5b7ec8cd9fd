/** Whether a check may trust what the function remembers of the accounts. */
import { StreamLostError } from '../aws/changed-row.ts';
import type { MarginTable } from '../aws/margin-table.ts';
import type { CertifiedBook } from './certified-book.ts';
import type { Checkpoints } from './checkpoints.ts';
import { messageOf } from './message-of.ts';
import { readState, switchOff, voidAll, WHY_OFF } from './state.ts';
import type { Followed, StreamFollower } from './stream-follower.ts';

export interface TrustInput {
  readonly book: CertifiedBook;
  readonly follower: StreamFollower;
  readonly margin: MarginTable;
  readonly checkId: string;
  /** Absent if none are kept. */
  readonly checkpoints?: Checkpoints | undefined;
  readonly asOf: number;
  /** Whether a checkpoint may be read on: the stream is read after it, and accounts after that. */
  readonly hasTimeToRead: () => boolean;
}

export class Trust {
  /** Accounts of which the stream has shown a change. */
  readonly changed = new Set<string>();
  /** Absent if the stream was not read. */
  lagSeconds: number | undefined;
  /** Accounts that have changed, and no record has said so. */
  missed: readonly string[] = [];
  /** The check whose checkpoint the book was restored from. */
  restoredFrom: string | undefined;
  /** Certificates of books that were complete by this check are void. */
  private voidedBy = '';
  private readonly input: TrustInput;

  constructor(input: TrustInput) {
    this.input = input;
  }

  /** Undefined if the book knows all that was written before this check. */
  async whyNot(): Promise<string | undefined> {
    try {
      return (await this.whyOff()) ?? (await this.whyNotFollowed());
    } catch (error) {
      if (error instanceof StreamLostError) this.input.book.forget();
      return `the stream of changes could not be read: ${messageOf(error)}`;
    }
  }

  private async whyOff(): Promise<string | undefined> {
    const { book, margin } = this.input;
    const { off, voided } = await readState(margin);
    // Written again until it is stored.
    if (off === undefined && book.off !== undefined) await switchOff(margin, book.off);
    book.off ??= off;
    if (book.off !== undefined) return WHY_OFF;
    this.voidedBy = voided?.checkId ?? '';
    if (this.isVoid(book.filledBy)) book.forget();
    return undefined;
  }

  private isVoid(filledBy: string | undefined): boolean {
    return filledBy !== undefined && filledBy < this.voidedBy;
  }

  private async whyNotFollowed(): Promise<string | undefined> {
    const { book, follower, margin, checkId } = this.input;
    if (!book.isFollowed) {
      // Accounts that were noted without listening may have changed since.
      book.forget();
      const why = await this.whyNotRestored();
      if (why !== undefined) await follower.open();
      book.isFollowed = true;
      if (why !== undefined) {
        // A position in a shard lasts once a record was read there.
        await this.follow();
        return why;
      }
    }
    const { isProved } = await this.follow();
    if (!isProved) return 'the stream of changes is late';
    this.missed = book.unannounced.provenWhole();
    if (this.missed.length > 0) {
      book.forget();
      book.isFollowed = true;
      await voidAll(margin, { checkId, accounts: this.missed });
      return 'a change was in no record of the stream';
    }
    book.compact();
    return undefined;
  }

  /** Once in the life of a function: positions that were lost are lost in the checkpoint, too. */
  private async whyNotRestored(): Promise<string | undefined> {
    const { book, follower, checkpoints, margin, asOf, hasTimeToRead } = this.input;
    const started = 'the function has just started to follow the accounts';
    if (checkpoints === undefined || checkpoints.wasRead) return started;
    try {
      const found = await checkpoints.read(margin, asOf, hasTimeToRead);
      if (found === undefined) return started;
      if (this.isVoid(found.filledBy)) return `${started}; its checkpoint is void`;
      found.restore(book);
      follower.resume(found.follower);
      this.restoredFrom = found.checkId;
      return undefined;
    } catch (error) {
      book.forget();
      return `${started}; no checkpoint could be used: ${messageOf(error)}`;
    }
  }

  private async follow(): Promise<Followed> {
    const { book, follower, checkId } = this.input;
    const followed = await follower.follow(checkId, (accountId) => {
      this.changed.add(accountId);
      book.hear(accountId);
    });
    this.lagSeconds = followed.lagSeconds;
    return followed;
  }
}
