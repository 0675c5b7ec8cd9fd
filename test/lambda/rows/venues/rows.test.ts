import { describe, expect, it } from 'vitest';
import { MarketRows } from '../../../../lambda/record/evidence.ts';
import type { RawRow } from '../../../../lambda/rows/raw-row.ts';
import { readMarket } from '../../../../lambda/rows/read-market.ts';
import { laidOut, VENUES } from '../../../../lambda/rows/venues/venues.ts';
import { readDocument, snapshotOf } from '../../../../local/analysis/document.ts';
import { KINDS } from '../../../../local/load/kinds.ts';
import { readRow } from '../../../../local/load/read-row.ts';
import { documentOf, perpetual } from './book.ts';

const reading = (row: RawRow) => readMarket([{ kind: 'policy', id: 'default' }, row]);
const risk = (attributes: RawRow) => ({ kind: 'risk', id: 'X', volatility: '0.6', ...attributes });
const asset = (id: string, attributes: RawRow) => ({ kind: 'asset', id, ...attributes });

const faultsOf = (row: RawRow) => reading(row).faults.map(({ detail }) => detail);

describe.each([...VENUES.values()])('the preset of the venue $name', (preset) => {
  const { name, assets = {}, policy = {} } = preset;

  it('is read without a fault, and does not set the volatility', () => {
    expect(faultsOf(risk({ venue: name }))).toEqual([]);
    expect(preset.risk).not.toHaveProperty('volatility');
    for (const id of Object.keys(assets)) {
      expect(faultsOf(asset(id, { venue: name, feed: 'F' }))).toEqual([]);
    }
    expect(() => readMarket([{ kind: 'policy', id: 'default', ...policy }])).not.toThrow();
  });

  it('has a margin model, a source and a date', () => {
    const rules = Object.keys(preset.risk);
    expect(rules.includes('portfolio')).toBe(preset.model === 'portfolio');
    expect(preset.source).toMatch(/^https:\/\//);
    expect(new Date(preset.date).toISOString().slice(0, 10)).toBe(preset.date);
  });
});

describe('a row with a venue', () => {
  it('replaces attributes of the preset by its own, each as a whole', () => {
    const margin = { type: 'flat', initial: '0.5', maintenance: '0.4' };
    const { riskClasses } = reading(risk({ venue: 'deribit-inverse-btc', margin })).market;
    expect(JSON.parse(JSON.stringify(riskClasses.get('X')))).toMatchObject({
      ok: true,
      value: {
        margin: { type: 'tiered', tiers: [{ initial: '0.5', maintenance: '0.4' }] },
        liquidity: { fee: '0.0075', slippage: '0' },
        volatility: { type: 'fixed', annual: '0.6' },
      },
    });
  });

  it('may take its weights from a venue, and override one of them', () => {
    const row = asset('BTC', { venue: 'derive-srm', feed: 'F', initialCollateralWeight: '0.5' });
    const found = JSON.parse(JSON.stringify(reading(row).market.assets.get('BTC')));
    expect(found.value).toMatchObject({ collateralWeight: '0.75', initialCollateralWeight: '0.5' });
  });

  it('still needs its volatility', () => {
    expect(faultsOf({ kind: 'risk', id: 'X', venue: 'derive-srm' })[0]).toBe(
      'market risk/X: volatility is missing',
    );
  });

  it.each([
    [risk({ venue: 'derive' }), /^market risk\/X: venue must be one of deribit-.*, occ-tims$/],
    [risk({ venue: 1 }), /^market risk\/X: venue must be one of /],
    [risk({ venue: 'constructor' }), /^market risk\/X: venue must be one of /],
    [
      asset('SOL', { venue: 'derive-srm', feed: 'F' }),
      /^market asset\/SOL: venue derive-srm has no weights for SOL, only for BTC, ETH$/,
    ],
    [
      asset('constructor', { venue: 'derive-srm', feed: 'F' }),
      /^market asset\/constructor: the id must not be constructor, which JavaScript reserves/,
    ],
    [
      asset('BTC', { venue: 'reg-t', feed: 'F' }),
      /^market asset\/BTC: venue reg-t has no weights for BTC$/,
    ],
    [
      { kind: 'location', id: 'base', finalitySeconds: '1', venue: 'reg-t' },
      /^market location\/base: unknown attribute venue/,
    ],
  ])('is refused in one line if the venue is invalid: %j', (row, fault) => {
    const [found = ''] = faultsOf(row);
    expect(found).toMatch(fault);
    expect(found).not.toContain('\n');
  });

  it('is also refused by margin load', () => {
    const source = { riskClass: 'X', volatility: '0.6' };
    const fault = expect.stringMatching(/^venue must be one of /);
    expect(readRow({ ...source, venue: 'nowhere' }, KINDS.risk, 0)).toEqual({ ok: false, fault });
    const loaded = readRow({ ...source, venue: 'span' }, KINDS.risk, 0);
    expect(loaded).toMatchObject({ ok: true, row: { venue: 'span' } });
  });
});

describe('a decision record with a venue', () => {
  const evidence = readDocument(
    documentOf({
      venue: 'derive-srm',
      price: '60000',
      assets: { BTC: { venue: 'derive-srm', feed: 'X-USD' } },
      balances: [{ asset: 'BTC', amount: '1' }],
      holdings: [perpetual('1')],
    }),
  );
  const [account] = evidence.accounts;
  const { snapshot } = snapshotOf(evidence);
  const kept = new MarketRows({ ...evidence, rows: evidence.marketRows, snapshot });

  it('keeps the attributes of the preset, and the venue’s name only as a note', () => {
    if (account === undefined) throw new Error('the document has an account');
    const { marketRows } = kept.evidenceFor(account);
    const rowOf = (kind: string) => marketRows.find((row) => row.kind === kind);
    expect(rowOf('risk')).toMatchObject({
      _venue: 'derive-srm',
      margin: { type: 'flat', initial: '0.1', maintenance: '0.065' },
    });
    expect(rowOf('asset')).toMatchObject({ _venue: 'derive-srm', collateralWeight: '0.75' });
    for (const row of marketRows) expect(row).not.toHaveProperty('venue');
    const again = readMarket(marketRows);
    expect(again.faults).toEqual([]);
    expect(again.market.riskClasses).toEqual(readMarket(evidence.marketRows).market.riskClasses);
  });

  it('expands the preset only once', () => {
    const row = risk({ venue: 'span' });
    expect(laidOut(laidOut(row))).toEqual(laidOut(row));
  });

  it('keeps an unknown venue, so that it is refused again', () => {
    expect(laidOut(risk({ venue: 'nowhere' }))).toEqual(risk({ venue: 'nowhere' }));
  });
});
