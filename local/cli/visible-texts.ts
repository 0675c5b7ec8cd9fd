/** What others wrote cannot break out of its place on the terminal. */
import { INVISIBLE, visible } from '../../lambda/messages/visible.ts';

/** The value with each text and each name in it visible. Instances of classes are kept. */
export function visibleTexts<T>(value: T): T {
  return visibleIn(value) as T;
}

function visibleIn(value: unknown): unknown {
  if (typeof value === 'string') return visible(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(visibleIn);
  if (value instanceof Map) return new Map([...value].map((pair) => pair.map(visibleIn) as never));
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [visible(name), visibleIn(each)]),
  );
}

/** JSON of the same value; what is invisible is written as an escape. */
export const jsonOf = (value: unknown, indent?: number): string =>
  JSON.stringify(value, null, indent).replace(INVISIBLE, (character) =>
    character === '\n' ? character : escapesOf(character),
  );

const escapesOf = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('');
