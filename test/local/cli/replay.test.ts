import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { assessAccount } from '../../../lambda/accounts/assess-account.ts';
import { decideSubAccount } from '../../../lambda/accounts/decision.ts';
import { NO_CASE } from '../../../lambda/margin/case/case.ts';
import { recordDecision } from '../../../lambda/record/decision-record.ts';
import { parseExactJson, writeExactJson } from '../../../lambda/rows/numeral.ts';
import { RULES_VERSION } from '../../../lambda/version.ts';
import { readDocument, snapshotOf } from '../../../local/analysis/document.ts';
import { InputError } from '../../../local/cli/input.ts';
import { replayFile, verdictOf } from '../../../local/cli/replay.ts';
import { runMargin } from './margin.ts';

const BOOK = join(import.meta.dirname, '..', '..', '..', 'docs', 'examples', 'book.json');
const folder = mkdtempSync(join(tmpdir(), 'replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

function decided(): Record<string, unknown> {
  const evidence = readDocument(parseExactJson(readFileSync(BOOK, 'utf8')));
  const { snapshot } = snapshotOf(evidence);
  const checkId = '2020-03-12T11:00:00.000Z';
  for (const account of evidence.accounts) {
    for (const assessed of assessAccount(account, snapshot)) {
      const decision = decideSubAccount(assessed, NO_CASE, { checkId, snapshot });
      if (decision.messages.length === 0) continue;
      const alone = { ...evidence, accounts: [account] };
      const made = { assessed, before: NO_CASE, decision, checkId, evidence: alone };
      return { ...recordDecision(made) };
    }
  }
  return expect.fail('no account of the example is called');
}

const OTHER = { result: { assessment: {}, after: { isIndeterminate: false }, messages: [] } };

function written(change: object): string {
  const file = join(folder, 'record.json');
  writeFileSync(file, writeExactJson({ ...decided(), ...change }));
  return file;
}

const replayed = (change: object) => replayFile(written(change));

describe('a replay', () => {
  it('by the rules that decided: the same decision is ok, another is a finding', async () => {
    const same = await replayed({});
    expect(same).toMatchObject({ rulesVersion: RULES_VERSION, matches: true, isFinding: false });
    expect(verdictOf(same)).toBe('same decision');
    const other = await replayed(OTHER);
    expect(other).toMatchObject({ rulesVersion: RULES_VERSION, matches: false, isFinding: true });
    expect(verdictOf(other)).toBe('DIFFERENT DECISION');
  });

  it.each([
    ['an older version', { rulesVersion: RULES_VERSION - 1 }, RULES_VERSION - 1],
    ['no version, as before there were any', { rulesVersion: undefined }, 1],
    ['a newer version', { rulesVersion: RULES_VERSION + 1 }, RULES_VERSION + 1],
  ])(
    'by other rules than those of a record with %s: names both, and finds nothing',
    async (_, by, rulesVersion) => {
      const named = `decided by version ${rulesVersion} of the rules; this program has version`;
      const same = await replayed(by);
      expect(same).toMatchObject({ rulesVersion, matches: true, isFinding: false });
      expect(verdictOf(same)).toBe(`${named} ${RULES_VERSION}, which decides the same`);
      const other = await replayed({ ...by, ...OTHER });
      expect(other).toMatchObject({ rulesVersion, matches: false, isFinding: false });
      expect(verdictOf(other)).toBe(`${named} ${RULES_VERSION}, which decides otherwise`);
    },
  );

  it('of a record that only other rules can read says which', async () => {
    const unread = { before: { isIndeterminate: false, mood: 'sanguine' } };
    const older = await replayed({ ...unread, rulesVersion: 1 }).catch(String);
    expect(older).toContain('decided by version 1 of the rules; version');
    await expect(replayed(unread)).rejects.toThrow(InputError);
    expect(await replayed(unread).catch(String)).not.toContain('of the rules');
  });
});

describe('margin replay', () => {
  it('exits with 1 for a finding', async () => {
    const { code, out } = await runMargin(undefined, 'replay', written(OTHER));
    expect(out).toMatch(/^DIFFERENT DECISION: .*\n {2}result\./);
    expect(code).toBe(1);
  });

  it('exits with 0 for a difference to older rules, and prints it', async () => {
    const file = written({ ...OTHER, rulesVersion: 1 });
    const { code, out } = await runMargin(undefined, 'replay', file, '--json');
    const versions = { rulesVersion: 1, rulesVersionNow: RULES_VERSION };
    expect(JSON.parse(out)).toMatchObject({ ...versions, matches: false, isFinding: false });
    expect(JSON.parse(out).differences).not.toEqual([]);
    expect(code).toBe(0);
  });
});
