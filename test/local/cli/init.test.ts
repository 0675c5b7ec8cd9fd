import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { assessAccount } from '../../../lambda/accounts/assess-account.ts';
import { takeSnapshot } from '../../../lambda/margin/snapshot/snapshot.ts';
import { readMarket } from '../../../lambda/rows/read-market.ts';
import { startServices } from '../../../local/aws/services.ts';
import { writeFirstBook } from '../../../local/cli/init.ts';
import { writeBook } from '../../../local/cli/load.ts';
import { danglingInBook } from '../../../local/load/dangling.ts';
import { FIRST_BOOK } from '../../../local/load/first-book.ts';
import { readBook } from '../../../local/load/read-book.ts';
import { diagnose } from '../../../local/operate/doctor/doctor.ts';
import { runMargin } from './margin.ts';

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'init-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

const NOW = Date.UTC(2026, 10, 30);

async function firstBook(now = NOW) {
  const folder = join(await newFolder(), 'mine');
  await writeFirstBook(folder);
  return readBook(folder, now);
}

describe('the first book', () => {
  it('can be loaded as it stands, README and all, and defines every name in it', async () => {
    const { rows, faults, heldBack } = await firstBook();
    expect({ faults, heldBack }).toEqual({ faults: [], heldBack: [] });
    const never = () => Promise.reject(new Error('the table was read'));
    expect(await danglingInBook(rows, never)).toEqual({ dangling: [] });
  });

  it('shows an account that is healthy and one that is called, in mode observe', async () => {
    const raw = (await firstBook()).rows.map(({ row }) => row);
    const { market } = readMarket(raw.filter(({ kind }) => kind !== undefined));
    expect(market.policy.mode).toBe('observe');
    const input = { market, asOf: NOW, gapSeconds: 60, previousPrices: new Map() };
    const snapshot = takeSnapshot(input);
    const levelOf = (accountId: string) => {
      const rows = raw.filter((row) => row.accountId === accountId);
      const [subject] = assessAccount({ accountId, rows }, snapshot);
      return subject?.outcome.certainty === 'indeterminate' ? '?' : subject?.outcome.level;
    };
    expect([levelOf('alice'), levelOf('bob')]).toEqual(['healthy', 'call']);
  });

  it('leaves the doctor nothing to say of its rows', async () => {
    const services = await startServices();
    onTestFinished(() => services.close());
    const { rows } = await firstBook(Date.now());
    await writeBook({ dynamo: services.dynamo, tables: services.config, rows });
    const { dynamo, sns, config: deployment } = services;
    const { findings } = await diagnose({ dynamo, sns, deployment, now: Date.now() });
    expect(findings.map(({ about }) => about)).toEqual(['subscription']);
  });

  it('has a README that names every other file', () => {
    const { 'README.md': readme = '', ...others } = FIRST_BOOK;
    for (const name of Object.keys(others)) expect(readme).toContain(`| ${name} |`);
  });
});

describe('margin init', () => {
  it('overwrites nothing', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'policy.json'), 'mine');
    await expect(writeFirstBook(folder)).rejects.toThrow(
      `${folder}: is not empty (policy.json), and nothing is overwritten: name a new folder`,
    );
    expect(await readFile(join(folder, 'policy.json'), 'utf8')).toBe('mine');
    const file = join(folder, 'policy.json');
    await expect(writeFirstBook(file)).rejects.toThrow(/policy\.json: (file already exists|not a)/);
  });

  it('says what it wrote, and what to do next', async () => {
    const folder = join(await newFolder(), 'mine');
    const { code, out } = await runMargin(undefined, 'init', folder);
    expect({ code, out }).toEqual({
      code: 0,
      out:
        'wrote README.md, policy.json, risk.json, assets.csv, instruments.csv, quotes.csv, ' +
        `accounts.csv, balances.csv, positions.csv to ${folder}\nnext: margin load ${folder} --dry-run\n`,
    });
  }, 300_000);
});
