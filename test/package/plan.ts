import type * as Core from '../../local/analysis/core.ts';

/**
 * The plan for a long position below its liquidation line, with every digit. Its text runs in the
 * installed package too, so that it may use its argument alone.
 */
export function breachedPlan(core: typeof Core) {
  const document = core.parseExactJson(`{
    "asOf": "2020-03-12T11:00:00Z",
    "policy": { "mode": "enforce" },
    "instruments": {
      "BTC-PERP": {
        "type": "perpetual", "underlying": "BTC-USD", "settlementAsset": "USD",
        "riskClass": "BTC", "contractSize": 1, "lotSize": 0.001
      }
    },
    "risk": {
      "BTC": {
        "volatility": 0.8, "margin": { "type": "flat", "initial": 0.1, "maintenance": 0.05 }
      }
    },
    "quotes": [
      { "feed": "BTC-USD", "source": "a", "price": 6000.10, "publishedAt": 1584010799000 },
      { "feed": "BTC-USD", "source": "b", "price": 6000.30, "publishedAt": 1584010799000 }
    ],
    "accounts": [
      {
        "accountId": "alice",
        "balances": [{ "asset": "USD", "amount": 2100 }],
        "positions": [{ "instrument": "BTC-PERP", "quantity": 10, "entryPrice": 6000.20 }]
      }
    ]
  }`);
  const evidence = core.readDocument(document);
  const { snapshot } = core.snapshotOf(evidence);
  return evidence.accounts.flatMap(({ accountId, rows }) => {
    const read = core.readAccount(accountId, rows);
    if (!read.ok) throw new Error(JSON.stringify(read.reasons));
    return core.subAccounts(read.account).map((subAccount) => {
      const { certainty } = core.assess(subAccount, snapshot);
      const { scope, why, orders } = core.planLiquidation(subAccount, snapshot);
      const texts = orders.map(({ market, side, quantity, limitPrice, notional }) => [
        market,
        side,
        core.textOf(quantity),
        limitPrice === undefined ? 'at market' : core.textOf(limitPrice),
        core.textOf(notional),
      ]);
      return { certainty, scope, why, orders: texts };
    });
  });
}
