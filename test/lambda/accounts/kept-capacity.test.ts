import { describe, expect, it } from 'vitest';
import { KeptCapacity } from '../../../lambda/accounts/kept-capacity.ts';
import { MarketCapacity } from '../../../lambda/accounts/market-capacity.ts';
import { MarginTable } from '../../../lambda/aws/margin-table.ts';
import { capacityKey, type Limits } from '../../../lambda/margin/liquidation/capacity.ts';
import type { Plan } from '../../../lambda/margin/liquidation/order-plan.ts';
import {
  type Amount,
  amount,
  price,
  quantity,
  smaller,
  textOf,
} from '../../../lambda/margin/number/decimal.ts';
import { Reserving } from '../../../lambda/outbox/reserved.ts';
import { memoryServices } from '../../aws/services.ts';
import { type Call, failing, type Interceptor, inject, unharmed } from '../../faults/injector.ts';

const MARKET = 'BTC-PERP';
const SELL = capacityKey(MARKET, 'sell');
const CHECK_ID = '2020-03-12T11:00:00.000Z';
const NOW = Date.parse(CHECK_ID);

const planOf = (market: string, notional: Amount): Plan => ({
  scope: 'partial',
  why: '',
  cancelOpenOrders: [],
  orders: [
    {
      ...{ kind: 'position', market, side: 'sell', notional },
      ...{ quantity: quantity('1'), referencePrice: price('6000') },
    },
  ],
  carriedOver: [],
});

type Checks = ReturnType<typeof table>;

function table(intercept: Interceptor = unharmed) {
  const services = memoryServices();
  const { dynamo } = inject(services, intercept);
  return new MarginTable({ dynamo, table: services.config.marginTable });
}

/** A check that may order 100 in a market. */
function check(margin: Checks, checkId = CHECK_ID) {
  const limit = amount('100');
  const limits: Limits = new Map([[SELL, { ofDepth: limit, ofVolume: undefined }]]);
  const capacity = new MarketCapacity(new Map([[SELL, limit]]));
  const kept = new KeptCapacity({ margin, capacity, checkId, limits, asOf: NOW, gapSeconds: 10 });
  const reserving = new Reserving(kept);
  const order = (name: string, wanted: string): string => {
    capacity.release(name);
    const left = capacity.leftIn([MARKET]).get(SELL) ?? amount('0');
    const notional = smaller(left, amount(wanted));
    capacity.reserve(name, planOf(MARKET, notional));
    return textOf(notional);
  };
  return {
    kept,
    /** @returns what each account orders, the worst first */
    orders: (lot: Readonly<Record<string, string>>) =>
      reserving.decide(() => Object.entries(lot).map(([name, wanted]) => order(name, wanted))),
  };
}

const isWrite = ({ command }: Call): boolean => command === 'PutItem';

describe('market capacity that checks share', () => {
  it('goes to one of two that write the same at once', async () => {
    const margin = table();
    const [one, other] = [check(margin), check(margin)];
    const ordered = await Promise.all([one.orders({ a: '100' }), other.orders({ b: '100' })]);
    expect(ordered.flat().sort()).toEqual(['0', '100']);
  });

  it('goes to the worst first also when another check has taken some', async () => {
    const margin = table();
    const [one, other] = [check(margin), check(margin)];
    await other.orders({ other: '50' });
    expect(await one.orders({ worst: '60', better: '40' })).toEqual(['50', '0']);
  });

  it('is shared by accounts that are decided again at once', async () => {
    const margin = table();
    const [one, other] = [check(margin), check(margin)];
    await other.orders({ other: '40' });
    const again = ['a', 'b', 'c'].map((name) => one.orders({ [name]: '10' }));
    expect((await Promise.all(again)).flat()).toEqual(['10', '10', '10']);
    expect(await other.orders({ more: '60' })).toEqual(['30']);
  });

  it('of many markets with long names fits into an item', async () => {
    const margin = table();
    const names = Array.from({ length: 900 }, (_, each) => `${each}`.padStart(1_000, 'x'));
    const limits: Limits = new Map(
      names.map((name) => [
        capacityKey(name, 'sell'),
        { ofDepth: amount('100'), ofVolume: undefined },
      ]),
    );
    const capacity = new MarketCapacity(new Map());
    const of = { margin, capacity, checkId: CHECK_ID, limits, asOf: NOW, gapSeconds: 10 };
    for (const name of names) capacity.reserve(name, planOf(name, amount('40')));
    expect(await new KeptCapacity(of).keep()).toBe(true);
    expect(await new KeptCapacity(of).load()).toBeUndefined();
  });

  it('is given back if it could not be written', async () => {
    let refusals = 1;
    const isRefused = (call: Call) => isWrite(call) && refusals-- > 0;
    const one = check(table(failing(isRefused, () => new Error('the table is away'))));
    await expect(one.orders({ a: '100' })).rejects.toThrow('the table is away');
    expect(await one.orders({ b: '100' })).toEqual(['100']);
  });
});
