/**
 * Accounts whose rows have changed, and no record of the stream has said so yet: how often the stream has
 * been read to its end since.
 */

/** The order of records of different partitions is not promised: one reading more. */
const READINGS_WITHOUT_RECORD = 2;

export class UnannouncedChanges extends Map<string, number> {
  add(accountId: string): void {
    this.set(accountId, 0);
  }

  /**
   * The stream has been read to its end.
   * @returns accounts that have changed and no record has said so in two such readings
   */
  provenWhole(): string[] {
    const missed: string[] = [];
    for (const [accountId, readings] of this) {
      if (readings + 1 >= READINGS_WITHOUT_RECORD) missed.push(accountId);
      else this.set(accountId, readings + 1);
    }
    return missed;
  }
}
