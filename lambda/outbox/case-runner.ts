/** How everything is settled in one check: counted, and then open no more; a failure stops only itself. */

import type { Found, Matter } from './case-subject.ts';
import { leftoverMatter } from './case-subject.ts';
import type { Tally } from './check-counters.ts';
import type { Outbox } from './outbox.ts';
import type { Key } from './stored-case.ts';

const nameOf = ({ pk, sk }: Key): string => `${pk}/${sk}`;

export class Settling {
  readonly tally: Tally;
  private readonly outbox: Outbox;
  /** Open cases that have not been settled yet, by name. */
  private readonly open: Map<string, Key>;

  constructor(input: {
    readonly outbox: Outbox;
    readonly tally: Tally;
    readonly open: readonly Key[];
  }) {
    this.outbox = input.outbox;
    this.tally = input.tally;
    this.open = new Map(input.open.map((key) => [nameOf(key), key]));
  }

  isOpen(key: Key): boolean {
    return this.open.has(nameOf(key));
  }

  /** What is open and has not been settled. */
  get openKeys(): readonly Key[] {
    return [...this.open.values()];
  }

  /** @returns whether it was done; what stopped it is counted, and the check goes on. */
  async attempt(what: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.tally.fail(what, error);
      return false;
    }
  }

  async settle(matters: readonly Matter[]): Promise<void> {
    await this.settleFound(await this.read(matters));
  }

  /** Of each its case, to decide about it now or later; what cannot be read is counted. */
  async read<M extends Matter>(matters: readonly M[]): Promise<readonly Found<M>[]> {
    if (matters.length === 0) return [];
    const reading = await this.outbox.read(matters);
    this.tally.countReading(reading);
    for (const { key } of matters) this.open.delete(nameOf(key));
    return reading.found;
  }

  async settleFound(found: readonly Found[]): Promise<void> {
    if (found.length > 0) this.tally.countSettled(await this.outbox.settle(found));
  }

  /** Whatever is open still: only what a dead run left of it is published. */
  async settleLeftovers(): Promise<void> {
    await this.attempt('what was left open', () => this.settle(this.openKeys.map(leftoverMatter)));
  }
}
