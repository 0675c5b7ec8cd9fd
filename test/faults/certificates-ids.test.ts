/** Ids that could be taken for something else. */
import { describe, expect, it } from 'vitest';
import { CANARY_PREFIX } from '../../lambda/aws/accounts-table.ts';
import { balance, long } from './book.ts';
import { accountsSaid, certificatesOf, many, openWarm } from './warm.ts';
import { openWorld } from './world.ts';

describe('an account whose id begins like that of a canary', () => {
  const IDS = [`${CANARY_PREFIX}evil`, `${CANARY_PREFIX}7`, `${CANARY_PREFIX}007`];

  it.each([true, false])(
    'is checked as any other, with certificates: %s',
    async (hasCertificates) => {
      const accounts = IDS.flatMap((id) => long(id, '14000'));
      const world = await openWorld({ accounts, hasCertificates });
      expect(await world.checkAfresh(0)).toMatchObject({ accounts: 3, levels: { call: 3 } });
      expect(await accountsSaid(world)).toEqual(IDS.map((id) => `${id} margin-call.issued`).sort());
    },
  );

  it('is heard of when it changes', async () => {
    const { world, warm } = await openWarm([
      ...IDS.flatMap((id) => long(id, '40000')),
      ...many(20),
    ]);
    expect(certificatesOf(await warm.check(2))).toMatchObject({ accounts: 23, certified: 23 });
    await world.writeAccounts(IDS.map((id) => balance(id, '14000')));
    expect(certificatesOf(await warm.check(3))).toMatchObject({ certified: 20, changed: 3 });
    expect(await accountsSaid(world)).toEqual(IDS.map((id) => `${id} margin-call.issued`).sort());
  });
});

describe('a long id', () => {
  it('of an account leads to its case', async () => {
    const id = '𐌀'.repeat(128);
    const { world, warm } = await openWarm([...long(id, '40000'), ...many(20)]);
    expect(certificatesOf(await warm.check(2)).certified).toBe(21);
    for (const [minute, usd] of [14_000, 40_000].entries()) {
      await world.writeAccounts([balance(id, `${usd}`)]);
      expect(certificatesOf(await warm.check(3 + minute)).certified).toBe(20);
    }
    const said = [`${id} margin-call.cured`, `${id} margin-call.issued`];
    expect(await accountsSaid(world)).toEqual(said);
    await warm.check(5);
    expect(certificatesOf(await warm.check(6)).certified).toBe(21);
  });

  it('that no key can take is read at every check', async () => {
    const id = '𐌀'.repeat(512);
    const { world, warm } = await openWarm([...long(id, '40000'), ...many(20)]);
    for (const minute of [2, 3]) {
      const summary = await warm.check(minute);
      expect(summary).toMatchObject({ accounts: 21, indeterminate: 1 });
      expect(certificatesOf(summary).certified).toBe(20);
    }
    expect(await accountsSaid(world)).toEqual([`${id} account.indeterminate`]);
  });
});
