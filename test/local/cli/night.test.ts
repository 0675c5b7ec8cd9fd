/** A night on call: one fault after the other, and what `margin status` says of each. */
import { describe, expect, it } from 'vitest';
import { readStatus, type Status } from '../../../local/status/read-status.ts';
import { statusTables } from '../../../local/status/tables.ts';
import { failing, inject, isPublication } from '../../faults/injector.ts';
import { openWorld, type Row, timeOf, type World } from '../../faults/world.ts';

const margin = { type: 'flat', initial: '0.1', maintenance: '0.05' };
const terms = { kind: 'instrument', settlementAsset: 'USD', riskClass: 'BTC' };
const OPTION = 'BTC-6000-C';
const MARKET: readonly Row[] = [
  { kind: 'policy', id: 'default', mode: 'enforce' },
  { kind: 'risk', id: 'BTC', volatility: '0.8', margin },
  { ...terms, id: 'BTC-PERP', type: 'perpetual', underlying: 'BTC-USD' },
  { ...terms, id: 'ETH-PERP', type: 'perpetual', underlying: 'ETH-USD' },
  {
    ...{ ...terms, id: OPTION, type: 'option', underlying: 'BTC-USD', markFeed: OPTION },
    ...{ strike: '6000', optionType: 'call', expiresAt: timeOf(60 * 24 * 30) },
  },
];
const PRICES = { 'BTC-USD': '6000', 'ETH-USD': '200', [OPTION]: '500' };

const account = (accountId: string, usd: string, position?: Row): Row[] => [
  { accountId, item: 'balance#USD', asset: 'USD', amount: usd },
  ...(position ? [{ accountId, item: `position#${position.instrument}`, ...position }] : []),
];
const long = (instrument: string, quantity: string, entryPrice: string) => ({
  instrument,
  quantity,
  entryPrice,
});
/** One BTC at 6000 requires 300; this one has 200. */
const BREACHED = account('breached', '200', long('BTC-PERP', '1', '6000'));
const RICH = account('rich', '100000', long('BTC-PERP', '1', '6000'));

interface Night {
  readonly world: World;
  readonly minute: number;
}

const statusAt = ({ world, minute }: Night): Promise<Status> =>
  readStatus({
    dynamo: world.dynamo,
    deployment: world.services.config,
    now: timeOf(minute) + 10_000,
  });

async function nightOf(more: readonly Row[], market: readonly Row[] = MARKET): Promise<World> {
  return openWorld({ market, accounts: [...RICH, ...more], prices: PRICES });
}

const policy = (attributes: Row): Row[] => [{ ...MARKET[0], ...attributes }];

/** The first finding, and the text that names it. */
function first(status: Status) {
  const [finding] = status.findings;
  return { verdict: status.verdict, finding, text: statusTables(status) };
}

describe('a quiet night', () => {
  it('is OK in one line', async () => {
    const world = await nightOf([]);
    await world.check(0);
    const status = await statusAt({ world, minute: 0 });
    expect(status).toMatchObject({ verdict: 'OK', findings: [] });
    expect(statusTables(status)).toMatch(/^OK: the last check ran 9 s ago and was complete\n/);
  });
});

describe('a night on call', () => {
  it('1: somebody has set halt, and a liquidation is due', async () => {
    const world = await nightOf(BREACHED);
    await world.writeMarket(policy({ halt: true }));
    await world.check(0);
    const { verdict, finding, text } = first(await statusAt({ world, minute: 0 }));
    expect(verdict).toBe('CRITICAL');
    expect(finding).toMatchObject({
      code: 'liquidations-withheld',
      what: 'HALTED: 1 liquidation due, and no order plan goes out',
      why: [expect.stringMatching(/^breached: halt is set in the policy/)],
      money: { of: 'below the liquidation line' },
      next: expect.stringContaining('margin resume'),
    });
    expect(text).toMatch(/^CRITICAL: HALTED: 1 liquidation due/);
  });

  it('2: a feed is dead, and a large position depends on it', async () => {
    const world = await nightOf(account('holder', '30', long('ETH-PERP', '1', '200')));
    await world.check(0);
    const { 'ETH-USD': _, ...others } = PRICES;
    await world.quoteAt(31, others);
    await world.check(31);
    const { finding, text } = first(await statusAt({ world, minute: 31 }));
    expect(finding).toMatchObject({
      code: 'accounts-undecided',
      what: '1 account undecided because of ETH-USD',
      accounts: 1,
      next: expect.stringContaining('write a fresh quote of ETH-USD'),
    });
    expect(text).toContain('accounts: holder');
  });

  it('3: the quote of an option is dead', async () => {
    const short = long(OPTION, '-1', '500');
    const world = await nightOf(account('writer', '900', short), [
      ...MARKET.filter(({ id }) => id !== 'BTC'),
      {
        ...{ kind: 'risk', id: 'BTC', volatility: '0.8', margin },
        optionRule: {
          shortCall: { initial: { rate: '0.1' }, maintenance: { rate: '0.05' } },
          shortPut: { initial: { rate: '0.1' }, maintenance: { rate: '0.05' } },
        },
      },
    ]);
    const { [OPTION]: _, ...others } = PRICES;
    await world.quoteAt(31, others);
    await world.check(31);
    const status = await statusAt({ world, minute: 31 });
    expect(status).toMatchObject({
      verdict: 'CRITICAL',
      findings: [
        {
          code: 'liquidations-withheld',
          why: [expect.stringMatching(`writer: ${OPTION}: newest quote`)],
          next: expect.stringContaining(`write a fresh quote of ${OPTION}`),
        },
      ],
    });
    expect(status.prices.feeds).toContainEqual(
      expect.objectContaining({ feed: OPTION, use: 'as a range', isOption: true }),
    );
  });

  it('4: the policy cannot be read', async () => {
    const world = await nightOf([]);
    await world.check(0);
    await world.writeMarket(policy({ mode: 'enforced' }));
    await world.check(1).catch(() => undefined);
    const { verdict, finding } = first(await statusAt({ world, minute: 1 }));
    expect(verdict).toBe('CRITICAL');
    expect(finding).toMatchObject({
      code: 'nothing-checked',
      what: expect.stringMatching(/^nothing is being checked: market policy\/default: mode /),
      next: 'correct the row policy/default in the market table',
    });
  });

  it('5: the row of an account is malformed', async () => {
    const world = await nightOf(account('odd', '12,5'));
    await world.check(0);
    const { finding } = first(await statusAt({ world, minute: 0 }));
    expect(finding).toMatchObject({
      severity: 'ATTENTION',
      code: 'account-unreadable',
      what: '1 account cannot be read',
      why: [expect.stringMatching(/^accounts odd\/balance#USD: amount /), 'accounts: odd'],
      next: 'correct the row that is named here',
    });
  });

  it('6: SNS takes nothing', async () => {
    const world = await nightOf(account('called', '350', long('BTC-PERP', '1', '6000')));
    const down = failing(isPublication, () => new Error('connect ECONNREFUSED'));
    await world.check(0, inject(world.services, down)).catch(() => undefined);
    await world.quoteAt(2, PRICES);
    await world.check(2, inject(world.services, down)).catch(() => undefined);
    const status = await statusAt({ world, minute: 2 });
    expect(status.verdict).toBe('CRITICAL');
    expect(status.findings[0]?.what).toMatch(/^the last check failed in part: \d+ messages? not/);
    expect(status.findings.find(({ code }) => code === 'unpublished')).toMatchObject({
      what: expect.stringMatching(/^\d+ messages? decided and not published for 2 min$/),
      next: expect.stringContaining('docs/runbook.md#unpublishedmessages'),
    });
  });

  it('7: a liquidation waits for market capacity', async () => {
    const market = MARKET.map((row) => (row.id === 'BTC-PERP' ? { ...row, depth: '10' } : row));
    const worse = account('worse', '20', long('BTC-PERP', '1', '6000'));
    const world = await nightOf([...BREACHED, ...worse], market);
    await world.writeMarket(policy({ liquidationWaitSeconds: 65 }));
    await world.check(0);
    // There is no fund, and what waits could owe by the next check.
    expect((await statusAt({ world, minute: 0 })).findings).toMatchObject([
      {
        severity: 'ATTENTION',
        code: 'liquidations-withheld',
        why: [expect.stringMatching(/^breached: its markets bear no more orders/)],
      },
      { severity: 'ATTENTION', code: 'debt-at-shock', next: 'docs/runbook.md#baddebtatshock' },
    ]);
    await world.checkAfresh(1, PRICES);
    const status = await statusAt({ world, minute: 1 });
    expect(status.verdict).toBe('CRITICAL');
    expect(status.findings.find(({ code }) => code === 'capacity-overdue')).toMatchObject({
      what: '1 liquidation waiting for market capacity for more than 1 min',
      why: [expect.stringMatching(/^worse: since /)],
      next: expect.stringContaining('sell by hand'),
    });
  });

  it('also: checks end before they leave a record', async () => {
    const world = await nightOf([]);
    await world.check(0);
    const down = failing(
      ({ command }) => command === 'Scan',
      () => new Error('AccessDenied'),
    );
    await world.check(1, inject(world.services, down)).catch(() => undefined);
    const { verdict, findings } = await statusAt({ world, minute: 1 });
    expect(verdict).toBe('CRITICAL');
    expect(findings[0]).toMatchObject({
      code: 'check-failed',
      what: expect.stringMatching(/^checks fail: said last at 2020-03-12T11:01:00/),
    });
  });

  it('8: the insurance fund is used up', async () => {
    const world = await nightOf(account('debtor', '-130.5'));
    await world.writeMarket([{ kind: 'fund', id: 'seed', total: '100' }]);
    await world.check(0);
    const { verdict, finding } = first(await statusAt({ world, minute: 0 }));
    expect(verdict).toBe('CRITICAL');
    expect(finding).toMatchObject({
      code: 'loss-uncovered',
      money: { amount: '30.5', of: 'uncovered' },
      next: expect.stringContaining('margin fund'),
    });
  });

  it('ranks several at once: what stops everything first, what can wait last', async () => {
    const world = await nightOf([...BREACHED, ...account('odd', '12,5')]);
    await world.writeMarket(policy({ halt: true }));
    await world.check(0);
    const { findings } = await readStatus({
      dynamo: world.dynamo,
      deployment: world.services.config,
      now: timeOf(4),
    });
    expect(findings.map(({ code }) => code)).toEqual([
      'nothing-checked',
      'liquidations-withheld',
      'account-unreadable',
      'halted',
    ]);
  });
});
