/**
 * Keeps every message below the size that SNS takes, however large the account is. Each list names
 * at most so many entries, the first ones; if the text is still too long, the lists share the room
 * that there is. `omitted` counts the rest.
 */
import {
  LISTED_MAX,
  MESSAGE_BYTES_MAX,
  PROSE_LENGTH_MAX,
  REASONS_MAX,
} from '../margin/number/limits.ts';
import { alertText } from './alert-text.ts';
import { shortened } from './headline.ts';
import type { Message } from './messages.ts';

/** @returns the message itself if it is small */
export function fitted<M extends Message>(message: M, bytesMax = MESSAGE_BYTES_MAX): M {
  let fit = cut(message, countsWithin(message));
  if (isSmall(fit, bytesMax)) return fit;
  if (bytesOf(fit) > bytesMax) fit = withoutShares(fit);
  for (let excess = bytesOf(fit) - bytesMax; excess > 0; excess = bytesOf(fit) - bytesMax) {
    const counts = countsSaving(fit, excess);
    if (counts.size === 0) return fit;
    fit = cut(fit, counts);
  }
  return fit;
}

const bytesOf = (message: Message): number => Buffer.byteLength(alertText(message));

/** A character takes at most 9 bytes: 3 in UTF-8 or 2 of an escape, and again in the e-mail. */
const isSmall = (message: Message, bytesMax: number): boolean =>
  9 * JSON.stringify(message).length < bytesMax;

interface List {
  /** Such as `figures.prices`. */
  readonly path: string;
  readonly entries: readonly unknown[];
}

/** Instructions: they go out whole, and whoever decides them keeps them short. */
const WHOLE: readonly string[] = ['plan.orders', 'plan.swaps', 'counterparties', 'shares'];

/** Arrays of the message and of the objects in it. */
const listsIn = (message: Message): List[] =>
  Object.entries(message).flatMap(([name, value]): List[] => {
    if (Array.isArray(value)) return [{ path: name, entries: value }];
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([inner, entries]) =>
      Array.isArray(entries) ? [{ path: `${name}.${inner}`, entries }] : [],
    );
  });

const cuttable = (message: Message): List[] =>
  listsIn(message).filter(({ path, entries }) => !WHOLE.includes(path) && entries.length > 1);

type Counts = ReadonlyMap<string, number>;

const REASONS: readonly string[] = ['reasons', 'figures.notes'];

const countsWithin = (message: Message): Counts =>
  new Map(
    cuttable(message).map(({ path, entries }) => {
      const most = REASONS.includes(path) ? REASONS_MAX : LISTED_MAX;
      return [path, Math.min(entries.length, most)];
    }),
  );

/** Keeps at least one entry a list. Empty if no list can be cut. */
function countsSaving(message: Message, excess: number): Counts {
  const lists = cuttable(message).map(({ path, entries }) => ({
    path,
    sizes: entries.map(sizeOf),
  }));
  const needs = lists.map(({ sizes }) => sizes.reduce((sum, size) => sum + size, 0));
  const room = needs.reduce((sum, need) => sum + need, -excess);
  const share = shareOf(room, needs);
  return new Map(lists.map(({ path, sizes }) => [path, countWithin(share, sizes)]));
}

/** As JSON within JSON. */
const sizeOf = (entry: unknown): number => Buffer.byteLength(JSON.stringify(JSON.stringify(entry)));

/** Equal shares; a list that needs less leaves the rest of its share to the others. */
function shareOf(room: number, needs: readonly number[]): number {
  let [left, lists] = [room, needs.length];
  for (const need of needs.toSorted((one, other) => one - other)) {
    if (need * lists >= left) break;
    left -= need;
    lists--;
  }
  return left / lists;
}

function countWithin(share: number, sizes: readonly number[]): number {
  let used = 0;
  const end = sizes.findIndex((size) => {
    used += size;
    return used > share;
  });
  return end < 0 ? sizes.length : Math.max(1, end);
}

/** Keeps the first entries of each list, and adds the others to those that are omitted already. */
function cut<M extends Message>(message: M, counts: Counts): M {
  const omitted: Record<string, number> = { ...message.omitted };
  const kept = (path: string, value: unknown): unknown => {
    if (Array.isArray(value)) {
      const count = counts.get(path) ?? value.length;
      if (count < value.length) omitted[path] = (omitted[path] ?? 0) + value.length - count;
      return value.slice(0, count).map(withShortDetail);
    }
    if (typeof value !== 'object' || value === null) return value;
    return mapped(value, (name, inner) => kept(path === '' ? name : `${path}.${name}`, inner));
  };
  const { omitted: _before, ...rest } = message;
  const short = kept('', rest) as M;
  return Object.keys(omitted).length === 0 ? short : { ...short, omitted };
}

const mapped = (object: object, map: (name: string, value: unknown) => unknown): object =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(name, value)]));

/** A fault may quote a whole row. */
const withShortDetail = (entry: unknown): unknown =>
  typeof entry === 'object' && entry !== null && 'detail' in entry
    ? { ...entry, detail: shortened(String(entry.detail), PROSE_LENGTH_MAX) }
    : entry;

/** `sharesAt` says where all shares are; a part of them would be taken for the whole. */
function withoutShares<M extends Message>(message: M): M {
  if (!('shares' in message)) return message;
  const { shares: _shares, ...rest } = message;
  return rest as unknown as M;
}
