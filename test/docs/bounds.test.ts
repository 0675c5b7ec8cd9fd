/** Whoever writes a row learns its bounds from the schema's description, not from a refusal. */
import { describe, expect, it } from 'vitest';
import { schemaFiles } from '../../local/docs/schemas.ts';

interface Node {
  readonly description?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly [name: string]: unknown;
}

interface Bounded {
  readonly path: string;
  readonly node: Node;
  readonly description: string;
}

const LIMITS = ['minimum', 'exclusiveMinimum', 'maximum', 'minItems', 'maxItems'] as const;

/** Every node with a limit, and the description that stands nearest above it. */
function boundedIn(node: unknown, path = '', above = ''): Bounded[] {
  if (typeof node !== 'object' || node === null) return [];
  const own = node as Node;
  const description = typeof own.description === 'string' ? own.description : above;
  const here = LIMITS.some((limit) => typeof own[limit] === 'number')
    ? [{ path, node: own, description }]
    : [];
  const children = Object.entries(own).flatMap(([name, child]) =>
    boundedIn(child, `${path}/${name}`, name === 'properties' ? '' : description),
  );
  return [...here, ...children];
}

/** The words for a limit; a description may name several at once. */
function wordsFor({ minimum, exclusiveMinimum, maximum, minItems, maxItems }: Node): RegExp[] {
  const words: RegExp[] = [];
  if (minimum !== undefined && maximum !== undefined) {
    words.push(
      new RegExp(`(From ${minimum} to|At least ${minimum}, below) ${maximum}(?!\\d|\\.\\d)`),
    );
  } else if (minimum !== undefined) words.push(new RegExp(`At least ${minimum}`));
  else if (exclusiveMinimum !== undefined) words.push(new RegExp(`Above ${exclusiveMinimum}`));
  else if (maximum !== undefined) words.push(new RegExp(`at most ${maximum}`));
  if (exclusiveMinimum !== undefined && maximum !== undefined) {
    words.push(new RegExp(`at most ${maximum}`));
  }
  if (minItems !== undefined) words.push(/at least one/);
  if (maxItems !== undefined) words.push(new RegExp(`at most ${maxItems}`));
  return words;
}

const PRINTED = ['messages/', 'liquidation-plans.json'];
const WRITTEN = [...schemaFiles()].filter(
  ([path]) => !PRINTED.some((each) => path.startsWith(each)),
);
const BOUNDED = WRITTEN.flatMap(([path, text]) => boundedIn(JSON.parse(text), path));

describe('a bound of an attribute', () => {
  it('is found in the schemas of rows and documents', () => {
    expect(BOUNDED.length).toBeGreaterThan(300);
  });

  it('stands in the description of the attribute', () => {
    const silent = BOUNDED.filter(
      ({ node, description }) => !wordsFor(node).every((words) => words.test(description)),
    );
    expect(silent.map(({ path, description }) => `${path}: ${description}`)).toEqual([]);
  });

  it.each<[Node, string, boolean]>([
    [{ minimum: 0, maximum: 1 }, 'A share. From 0 to 1.', true],
    [{ minimum: 0, maximum: 1 }, 'A share. From 0 to 10', false],
    [{ minimum: 0 }, 'A share.', false],
    [{ exclusiveMinimum: 0 }, 'A price. At least 0.', false],
    [{ exclusiveMinimum: 0, maximum: 1 }, 'A share. Above 0.', false],
    [{ minItems: 1 }, 'Cells.', false],
  ])('%o is missed or found in "%s"', (node, description, isFound) => {
    expect(wordsFor(node).every((words) => words.test(description))).toBe(isFound);
  });
});
