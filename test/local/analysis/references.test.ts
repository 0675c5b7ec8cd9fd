import { describe, expect, it } from 'vitest';
import type { RawRow } from '../../../lambda/rows/raw-row.ts';
import { danglingIn, danglingLine, namesDefinedBy } from '../../../local/analysis/references.ts';

const MARKET: readonly RawRow[] = [
  { kind: 'policy', id: 'default' },
  { kind: 'risk', id: 'BTC' },
  { kind: 'asset', id: 'BTC', feed: 'BTC-USD' },
  { kind: 'location', id: 'base' },
  { kind: 'instrument', id: 'BTC-PERP' },
  { kind: 'quote', id: 'BTC-USD#venue' },
];

const linesOf = (row: RawRow, market = MARKET) =>
  danglingIn(row, namesDefinedBy(market)).map(danglingLine);

const perpetual = {
  ...{ kind: 'instrument', id: 'P', underlying: 'BTC-USD', settlementAsset: 'USD' },
  riskClass: 'BTC',
};

describe('a name that a row uses', () => {
  it.each<[string, RawRow, string]>([
    [
      'an asset’s feed',
      { kind: 'asset', id: 'ETH', feed: 'ETH-USD' },
      'market asset/ETH: feed names feed ETH-USD, which has no quote',
    ],
    [
      'an asset’s class',
      { kind: 'asset', id: 'ETH', riskClass: 'ETH' },
      'market asset/ETH: riskClass names risk class ETH, which has no row',
    ],
    [
      'an underlying',
      { ...perpetual, underlying: 'X' },
      'market instrument/P: underlying names feed X, which has no quote',
    ],
    [
      'a mark',
      { ...perpetual, markFeed: 'X' },
      'market instrument/P: markFeed names feed X, which has no quote',
    ],
    [
      'a forward',
      { ...perpetual, forwardFeed: 'X' },
      'market instrument/P: forwardFeed names feed X, which has no quote',
    ],
    [
      'a settlement asset',
      { ...perpetual, settlementAsset: 'USDC' },
      'market instrument/P: settlementAsset names asset USDC, which has no row',
    ],
    [
      'an instrument’s class',
      { ...perpetual, riskClass: 'X' },
      'market instrument/P: riskClass names risk class X, which has no row',
    ],
    [
      'the feed of a charge',
      { kind: 'risk', id: 'R', depegCharge: { feed: 'USDC-USD' } },
      'market risk/R: depegCharge.feed names feed USDC-USD, which has no quote',
    ],
    [
      'the feed of a further score',
      { kind: 'risk', id: 'R', confidenceCharges: [{}, { scoreFeed: 'USDC-USD' }] },
      'market risk/R: confidenceCharges.1.scoreFeed names feed USDC-USD, which has no quote',
    ],
    [
      'an asset’s second price',
      { kind: 'asset', id: 'BTC', feed: 'BTC-USD', initialPriceFeed: 'MEAN' },
      'market asset/BTC: initialPriceFeed names feed MEAN, which has no quote',
    ],
    [
      'a balance’s asset',
      { accountId: 'a', item: 'balance#ETH', asset: 'ETH' },
      'accounts a/balance#ETH: asset names asset ETH, which has no row',
    ],
    [
      'a balance’s location',
      { accountId: 'a', item: 'balance#BTC@op', asset: 'BTC', location: 'op' },
      'accounts a/balance#BTC@op: location names location op, which has no row',
    ],
    [
      'a position’s instrument',
      { accountId: 'a', item: 'position#X', instrument: 'X' },
      'accounts a/position#X: instrument names instrument X, which has no row',
    ],
  ])('has to be defined: %s', (_, row, line) => {
    expect(linesOf(row)).toEqual([line]);
  });

  it.each<[string, RawRow]>([
    ['everything of an instrument', perpetual],
    ['the numeraire, which needs no row', { accountId: 'a', item: 'balance#USD', asset: 'USD' }],
    ['a location', { accountId: 'a', item: 'balance#BTC@base', asset: 'BTC', location: 'base' }],
    ['a settlement price, which comes after expiry', { ...perpetual, settlementFeed: 'X' }],
    ['a profile', { accountId: 'a', item: 'profile', marginModel: 'X' }],
    ['a value that is no text', { accountId: 'a', item: 'balance#1', asset: ['x'] }],
    ['a row of an unknown kind', { kind: 'assets', id: 'x', feed: 'X' }],
  ])('is in order: %s', (_, row) => {
    expect(linesOf(row)).toEqual([]);
  });

  it('may be a numeraire of the policy’s own, and then USD is an asset like any other', () => {
    const market = [...MARKET, { kind: 'policy', id: 'default', numeraire: 'EUR' }];
    const held = (asset: string) => ({ accountId: 'a', item: `balance#${asset}`, asset });
    expect(linesOf(held('EUR'), market)).toEqual([]);
    expect(linesOf(held('USD'), market)).toHaveLength(1);
  });
});
