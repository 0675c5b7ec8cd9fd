import { describe, expect, it } from 'vitest';
import { danglingInBook } from '../../../local/load/dangling.ts';

const position = {
  kind: 'positions',
  place: 'positions.csv line 2',
  row: { accountId: 'a', item: 'position#BTC-PERP', instrument: 'BTC-PERP' },
} as const;
const instrument = {
  kind: 'instruments',
  place: 'instruments.csv line 2',
  row: { kind: 'instrument', id: 'BTC-PERP', settlementAsset: 'USD' },
} as const;

const never = () => Promise.reject(new Error('the table was read'));

describe('the names in files to load', () => {
  it('need no table if the files define them all', async () => {
    expect(await danglingInBook([instrument, position], never)).toEqual({ dangling: [] });
  });

  it('may be defined in the table', async () => {
    expect(await danglingInBook([position], async () => [instrument.row])).toEqual({
      dangling: [],
    });
  });

  it('are named by file and line if neither defines them', async () => {
    const { dangling } = await danglingInBook([position], async () => []);
    expect(dangling).toEqual([
      {
        place: 'positions.csv line 2',
        ...{ attribute: 'instrument', referent: 'instrument', name: 'BTC-PERP' },
      },
    ]);
  });

  it('are looked up in the files alone if the table cannot be read, and that is said', async () => {
    const { dangling, notRead } = await danglingInBook([position], async () => {
      throw new Error('no credentials');
    });
    expect([dangling.length, notRead]).toEqual([1, 'no credentials']);
  });
});
