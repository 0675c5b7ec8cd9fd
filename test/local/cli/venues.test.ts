import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { VENUES } from '../../../lambda/rows/venues/venues.ts';
import { documentOf, option, perpetual } from '../../lambda/rows/venues/book.ts';
import { runMargin } from './margin.ts';

const folder = mkdtempSync(join(tmpdir(), 'margin-venues-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(document: object): string {
  const file = join(folder, 'book.json');
  writeFileSync(file, JSON.stringify(document));
  return file;
}

describe('margin venues', () => {
  it('lists venues with title, model and date, in 100 columns', async () => {
    const { code, out } = await runMargin(undefined, 'venues');
    expect(code).toBe(0);
    const lines = out.split('\n');
    for (const { name, title, model, date } of VENUES.values()) {
      const line = lines.find((each) => each.includes(` ${name} `)) ?? '';
      for (const part of [title.slice(0, 20), model, date]) expect(line).toContain(part);
    }
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
  });

  it('prints one venue, or all, as JSON', async () => {
    const one = await runMargin(undefined, 'venues', 'derive-srm');
    expect(JSON.parse(one.out)).toEqual(VENUES.get('derive-srm'));
    const all = await runMargin(undefined, 'venues', '--json');
    expect(JSON.parse(all.out)).toEqual([...VENUES.values()]);
  });

  it('refuses an unknown venue', async () => {
    const { code, out, err } = await runMargin(undefined, 'venues', 'nowhere');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^margin: venue nowhere: must be one of [^\n]+\n$/);
  });
});

describe('margin assess --venue', () => {
  const margin = { type: 'flat', initial: '0.5', maintenance: '0.5' };
  const document = documentOf({
    venue: 'dydx-v4-safety',
    price: '60000',
    risk: { margin, openOrderCharge: '7', liquidity: { fee: '0.001' } },
    assets: { BTC: { feed: 'X-USD', collateralWeight: '0.1' } },
    balances: [{ asset: 'BTC', amount: '1' }],
    holdings: [perpetual('1', { position: { openOrderCount: '1' } })],
  });

  it.each([
    // The rules of the class itself: 50 %, and 7 for its order.
    [undefined, '30007', '30007', '6000'],
    // 10 % and 6.5 %. BTC counts 0.75, initially 0.6975: (0.75 − 0.6975)·60,000 more.
    ['derive-srm', '9150', '3900', '45000'],
    // 2.5 % and 1.25 %. The venue has no weights for BTC.
    ['hyperliquid-btc', '1500', '750', '6000'],
    // 16 %, on the portfolio model.
    ['paradex-pm', '9600', '4800', '6000'],
  ])(
    'requires what the venue says, or the class itself without one: %s',
    async (venue, initial, maintenance, balance) => {
      const words = venue === undefined ? [] : ['--venue', venue];
      const file = fileOf(document);
      const { code, out } = await runMargin(undefined, 'assess', file, '--json', ...words);
      expect(code).toBe(0);
      expect(JSON.parse(out)).toMatchObject([
        {
          initialRequirement: initial,
          maintenanceRequirement: maintenance,
          marginBalance: balance,
        },
      ]);
    },
  );

  it('says what the venue has no rule for', async () => {
    const holdings = [option('call', '66000')];
    const file = fileOf(documentOf({ venue: 'reg-t', price: '60000', holdings }));
    const { out } = await runMargin(undefined, 'assess', file, '--venue', 'hyperliquid-5x');
    expect(out).toContain('risk class X has no optionRule, which instrument I0 needs');
  });

  it('refuses an unknown venue', async () => {
    const file = fileOf(document);
    const { code, out, err } = await runMargin(undefined, 'assess', file, '--venue', 'nowhere');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^margin: venue nowhere: must be one of [^\n]+\n$/);
  });
});
