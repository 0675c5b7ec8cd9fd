import type { Reservations } from './ports.ts';

/** Each attempt but the first needs another run that has taken something in between. */
const ATTEMPTS_MAX = 5;

/**
 * Decisions that take something from other runs. One after the other, because what is kept is all
 * that was taken since.
 */
export class Reserving {
  private readonly reservations: Reservations | undefined;
  private last: Promise<unknown> = Promise.resolve();

  constructor(reservations: Reservations | undefined) {
    this.reservations = reservations;
  }

  /**
   * Decides again for as long as other runs take what the decisions need.
   * @throws Error if they do not stop
   */
  async decide<T>(decide: () => T): Promise<T> {
    const { reservations } = this;
    if (reservations === undefined) return decide();
    const decided = this.last.then(() => reserved(reservations, decide));
    this.last = decided.catch(() => undefined);
    return decided;
  }
}

async function reserved<T>(reservations: Reservations, decide: () => T): Promise<T> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const decided = decide();
    if (await reservations.keep()) return decided;
  }
  throw new Error('not decided, because other runs kept taking what the decisions need');
}
