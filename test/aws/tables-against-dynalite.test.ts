/**
 * The tables in memory answer as dynalite does (random-table-calls.ts). Where
 * dynalite is not as AWS documents, its calls are left out here:
 *
 *     the order of a scan          dynalite sorts by another hash: answers are compared as sets
 *     an item's units, throttling  dynalite has none
 *     the item of a refused put    dynalite does not send it
 *     lag of reads and index       dynalite has none: see memory-tables.test.ts
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Services, startServices } from '../../local/aws/services.ts';
import { isEqual } from './attribute-value.ts';
import { answersLikeMemory } from './random-table-calls.ts';

let services: Services;

beforeAll(async () => {
  services = await startServices();
});
afterAll(() => services.close());

it('answers as dynalite does', () => answersLikeMemory(services.dynamo, { runs: 150, seed: 1 }));

it('compares values as the service does', () => {
  expect(isEqual({ N: '1.0' }, { N: '1' })).toBe(true);
  expect(isEqual({ S: '1' }, { N: '1' })).toBe(false);
});
