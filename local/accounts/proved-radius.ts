/** How far all prices may move before certificates do not prove an account healthy any more. */
import type { CertifiedBook } from '../../lambda/certified/certified-book.ts';
import { HOUR_MS } from '../../lambda/margin/certificate/accruals.ts';
import { NOBODY } from '../../lambda/margin/certificate/lines.ts';
import type { Screen } from '../../lambda/margin/certificate/screen.ts';
import type { Snapshot } from '../../lambda/margin/snapshot/snapshot.ts';

/** Each takes two passes over all certificates. */
const RADII = [0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5, 0.9];

/**
 * Nothing proves an account healthy, or a row of it has changed. Below the key of the poorest account:
 * those below their lines are ranked between -2 and -1.
 */
export const UNPROVED = -3;

/**
 * By the account's number. No smaller than the radius at which it reaches its call line, and so its
 * liquidation line.
 */
export function provedRadii(book: CertifiedBook, snapshot: Snapshot): Float64Array {
  const radii = new Float64Array(book.index.end).fill(UNPROVED);
  const isOpen = knownIn(book);
  for (const radius of RADII) {
    markFailing(isOpen, book, { snapshot, radius });
    for (let number = 0; number < radii.length; number++) {
      if (isOpen[number] === 1) radii[number] = radius;
    }
  }
  return radii;
}

/** By number: 1 if the account has a certificate of its rows. */
function knownIn(book: CertifiedBook): Uint8Array {
  const { index, unmet } = book;
  return Uint8Array.from({ length: index.end }, (_, number) => {
    const accountId = index.idOf(number);
    if (accountId === undefined || unmet.has(accountId)) return 0;
    return Number(book.editionOf(number) !== undefined && index.of.isDirty[number] === 0);
  });
}

function markFailing(
  isOpen: Uint8Array,
  book: CertifiedBook,
  { snapshot, radius }: { readonly snapshot: Snapshot; readonly radius: number },
): void {
  for (const { screen } of book.all) {
    const { account } = screen.lines.of;
    for (const [line, bound] of boundsWithin(screen, snapshot, radius).entries()) {
      const own = account[line] as number;
      if (own !== NOBODY && !(bound >= 0)) isOpen[own] = 0;
    }
  }
}

/**
 * One bound a line, within the radius of all prices: an entry's loss is convex in its price, so it is
 * largest at an end. For the product of two moves that holds if all prices move alike.
 */
function boundsWithin(
  { columns, lines }: Screen,
  snapshot: Snapshot,
  radius: number,
): Float64Array {
  const bounds = new Float64Array(lines.count);
  if (!columns.isRuledAt(snapshot)) return bounds.fill(Number.NaN);
  const [fallen, risen] = [columns.at(snapshot, -radius), columns.at(snapshot, radius)];
  const hours = (snapshot.asOf - columns.epoch) / HOUR_MS;
  const { firstEntry, entries, x0, decay, owed, until } = lines.of;
  for (let line = 0; line < bounds.length; line++) {
    const accrued = (decay[line] as number) * hours + (owed[line] as number);
    let bound = (x0[line] as number) - accrued * risen.accruedAt;
    const first = firstEntry[line] as number;
    for (let entry = first; entry < first + (entries[line] as number); entry++) {
      const lossAt = ({ multipliers }: typeof fallen) => lossOf(entry, multipliers, lines);
      bound -= Math.max(lossAt(fallen), lossAt(risen));
    }
    bounds[line] = hours >= 0 && hours * 3600 <= (until[line] as number) ? bound : Number.NaN;
  }
  return bounds;
}

function lossOf(entry: number, multipliers: Float64Array, { ofEntries }: Screen['lines']): number {
  const weight = 4 * (ofEntries.column[entry] as number);
  let loss = 0;
  for (let each = 0; each < 4; each++) {
    loss += (multipliers[weight + each] as number) * (ofEntries.slopes[4 * entry + each] as number);
  }
  return loss;
}
