/** The commands about accounts, over deployed tables that a check has seen. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHandler } from '../../../lambda/check.ts';
import { type Services, startServices } from '../../../local/aws/services.ts';
import { writeBook } from '../../../local/cli/load.ts';
import { readBook } from '../../../local/load/read-book.ts';
import { runMargin } from './margin.ts';

const NOW = Math.floor(Date.now() / 60_000) * 60_000;
const CHECK = new Date(NOW).toISOString();

let services: Services;
beforeAll(async () => {
  services = await startServices();
  const { rows } = await readBook('docs/examples/book', NOW);
  await writeBook({ dynamo: services.dynamo, tables: services.config, rows });
  await createHandler({ ...services, now: () => NOW + 250 })({
    source: 'aws.scheduler',
    'detail-type': 'Scheduled Event',
    time: CHECK,
  });
});
afterAll(() => services.close());

const margin = (...words: string[]) => runMargin(services, ...words, '--environment');
const jsonOf = async (...words: string[]) => JSON.parse((await margin(...words, '--json')).out);

describe('margin accounts', () => {
  it('lists the nearest to liquidation first, with the price that liquidates each', async () => {
    const { accounts, counts, rows } = await jsonOf('accounts');
    expect(accounts).toBe(6);
    expect(counts).toMatchObject({ liquidation: 1, call: 1, healthy: 5, undecided: 0 });
    const [first, second] = rows;
    expect(first).toMatchObject({
      accountId: 'liquidated-long',
      level: 'liquidation',
      distance: '0',
    });
    expect(second).toMatchObject({
      accountId: 'called-long',
      nearest: { factor: 'BTC-USD', move: expect.stringMatching(/^-0\.0/) },
    });
    const distances = rows.map(({ distance }: { distance: string }) => Number(distance));
    expect(distances).toEqual(distances.toSorted((left: number, right: number) => left - right));
  });

  it('keeps to the levels and the number asked for, and counts the rest', async () => {
    const { rows } = await jsonOf('accounts', '--level', 'call,healthy', '--limit', '1');
    expect(rows).toMatchObject([{ accountId: 'called-long' }]);
    const { out } = await margin('accounts', '--limit', '2');
    expect(out).toMatch(/^6 accounts: 0 undecided, 0 deficit, 1 liquidation, 1 call, 5 healthy\n/);
    expect(out).toContain('… and 5 more');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  it('writes all of them as CSV', async () => {
    const { out } = await margin('accounts', '--csv', '--sort', 'account');
    const lines = out.trimEnd().split('\n');
    // The header, and an isolated position beside its account.
    expect(lines).toHaveLength(8);
    expect(lines[0]).toMatch(/^accountId,position,level,distance,nearestFactor,/);
    expect(lines.find((line) => line.startsWith('called-long,'))).toContain(',call,0.0');
  });

  it.each([
    [['--level', 'bad'], '"bad" is no level'],
    [['--limit', '0'], 'whole number above 0'],
    [['--csv', '--json'], 'not both'],
  ])('refuses %j in one line', async (words, fault) => {
    const { code, err } = await margin('accounts', ...words);
    expect(code).toBe(2);
    expect(err).toContain(fault);
  });
});

describe('margin account', () => {
  it('shows figures, positions, the open case and what was said', async () => {
    const { code, out } = await margin('account', 'called-long');
    expect(code).toBe(0);
    for (const part of [
      'called-long: call',
      'liquidated below',
      'BTC-PERP',
      'times equity',
      'open case: call since',
      'due until',
      'no case → call',
      'Margin call',
    ]) {
      expect(out).toContain(part);
    }
  });

  it('says that there is no such account', async () => {
    const { code, err } = await margin('account', 'nobody');
    expect(code).toBe(2);
    expect(err).toMatch(/^margin: account nobody: there is no row of it in table \S+\n$/);
  });
});

describe('margin history and decision', () => {
  it('says when, what and on which prices, and decides the same again', async () => {
    const { code, out } = await margin('history', 'liquidated-long', '--replay');
    expect(code).toBe(0);
    expect(out).toMatch(/no case → liquidation {2}replay: same\n/);
    expect(out).toMatch(/Liquidation .*\n/);
    expect(out).toMatch(/ at BTC-USD [\d,]+/);
  });

  it('begins at a time, and says if there is nothing', async () => {
    const { code, err } = await margin('history', 'liquidated-long', '--since', '2100-01-01');
    expect(code).toBe(2);
    expect(err).toContain('no decision is recorded');
  });

  it('shows one decision whole, with the e-mail that was sent', async () => {
    const { out, err } = await margin('decision', 'called-long', CHECK);
    expect(err).toBe('');
    for (const part of ['no case → call', 'call line', 'surplus', 'pays the amount due']) {
      expect(out).toContain(part);
    }
    const record = await jsonOf('decision', 'called-long', CHECK);
    expect(record).toMatchObject({ accountId: 'called-long', checkId: CHECK });
  });
});
