import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonOf, visibleTexts } from '../../../local/cli/visible-texts.ts';
import { runMargin } from './margin.ts';

const EVIL = '\n\u001b[2J\r\u009b31m\u202e\u2028\u200b';
const INVISIBLE = /[^\P{C}\n]|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
const NOW = 1_768_478_400_000;

/** Every id and label, and what a writer puts where a number belongs, ends with this text. */
function bookWith(evil: string): object {
  const instrument = `P${evil}`;
  return {
    asOf: NOW,
    policy: { latencyBuffer: 'none', uncertainty: 'none' },
    instruments: {
      P: { type: 'perpetual', underlying: 'B-USD', settlementAsset: 'USD', riskClass: 'B' },
      [instrument]: { type: `perpetual${evil}` },
    },
    risk: {
      B: { volatility: '0.8', margin: { type: 'flat', initial: '0.1', maintenance: '0.05' } },
    },
    quotes: [
      { feed: 'B-USD', source: 'v', price: '60000', publishedAt: NOW },
      { feed: `C${evil}`, source: 'v', price: `1${evil}`, publishedAt: NOW },
    ],
    accounts: [
      {
        accountId: `forger${evil}`,
        profile: { labels: { [`a${evil}`]: evil } },
        balances: [{ asset: 'USD', amount: '1000' }],
      },
      {
        accountId: 'other',
        balances: [{ asset: `USD${evil}`, amount: `1${evil}`, [`x${evil}`]: '1' }],
        positions: [{ instrument, label: evil, quantity: '1', entryPrice: '60000' }],
      },
      {
        accountId: 'plain',
        balances: [{ asset: 'USD', amount: '1000' }],
        positions: [{ instrument: 'P', label: 'a', quantity: '1', entryPrice: '60000' }],
      },
    ],
  };
}

async function assessed(evil: string, ...flags: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'visible-'));
  const path = join(folder, 'book.json');
  await writeFile(path, JSON.stringify(bookWith(evil)));
  return runMargin(undefined, 'assess', path, ...flags);
}

describe('what margin prints about the rows of others', () => {
  it.each([[[]], [['--explain']]])('has no line and no escape of theirs: %s', async (flags) => {
    const [forged, plain] = await Promise.all([
      assessed(EVIL, ...flags),
      assessed('# #', ...flags),
    ]);
    expect(forged.code).toBe(plain.code);
    for (const stream of ['out', 'err'] as const) {
      expect(forged[stream]).not.toMatch(INVISIBLE);
      expect(forged[stream].split('\n')).toHaveLength(plain[stream].split('\n').length);
    }
    expect(forged.out).toContain('forger?');
    expect(forged.err).toContain('market instrument/P ?');
  });

  it('keeps every character in JSON, and writes what is invisible as an escape', async () => {
    const { out } = await assessed(EVIL, '--json');
    expect(out).not.toMatch(INVISIBLE);
    expect(JSON.parse(out)[0].accountId).toBe(`forger${EVIL}`);
  });

  it('is one line if the command fails, whatever the input quotes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'visible-'));
    const path = join(folder, 'book.json');
    await writeFile(path, '{ "asOf": 1, \u009b31m }');
    const { code, err } = await runMargin(undefined, 'assess', path);
    expect(code).toBe(2);
    expect(err).not.toMatch(INVISIBLE);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});

describe('JSON for the terminal', () => {
  it('reads as the same value', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ stringUnit: 'binary' }),
        fc.constantFrom(undefined, 2),
        (value, indent) => {
          const text = jsonOf(value, indent);
          expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
          expect(text).not.toMatch(INVISIBLE);
        },
      ),
    );
  });
});

describe('visible texts', () => {
  it('are in lists, maps and names, and all other values are kept', () => {
    const day = new Date(0);
    expect(
      visibleTexts({
        'a\n': ['b\u001b', 1, null, undefined, day],
        c: new Map([['d\r', 'e\u202e']]),
      }),
    ).toEqual({
      'a?': ['b?', 1, null, undefined, day],
      c: new Map([['d?', 'e?']]),
    });
  });
});
