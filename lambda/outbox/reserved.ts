import type { Reservations } from './ports.ts';

/** Each attempt but the first needs another run that has taken something in between. */
const ATTEMPTS_MAX = 5;

/**
 * Decides again for as long as other runs take what the decisions need.
 * @throws Error if they do not stop
 */
export async function reserved<T>(
  reservations: Reservations | undefined,
  decide: () => T,
): Promise<T> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const decided = decide();
    if (reservations === undefined || (await reservations.keep())) return decided;
  }
  throw new Error('not decided, because other runs kept taking what the decisions need');
}
