import { describe, expect, it } from 'vitest';
import type { RawRow } from '../../../lambda/rows/raw-row.ts';
import { readMarket } from '../../../lambda/rows/read-market.ts';
import { contradictions } from '../../../local/analysis/contradictions.ts';

const faultsOf = (policy: RawRow, { seconds = 60, risk = [] as readonly RawRow[] } = {}) => {
  const rows = [{ kind: 'policy', id: 'default', ...policy }, ...risk];
  const { market, faults } = readMarket(rows);
  expect(faults).toEqual([]);
  return contradictions(market, seconds).map(({ place, fault }) => `${place}: ${fault}`);
};

describe('settings that contradict each other', () => {
  it.each([60, 120, 300])('are none of the defaults at an interval of %i s', (seconds) => {
    expect(faultsOf({}, { seconds })).toEqual([]);
    expect(faultsOf({ mode: 'enforce', halt: true }, { seconds })).toEqual([]);
  });

  it.each<[string, RawRow, RawRow]>([
    ['halt is true in mode observe', { halt: true }, { halt: true, mode: 'enforce' }],
    [
      'latencyBuffer is none',
      { mode: 'enforce', latencyBuffer: 'none' },
      { latencyBuffer: 'none' },
    ],
    ['uncertainty is none', { mode: 'enforce', uncertainty: 'none' }, { uncertainty: 'none' }],
    [
      'firstShareAbove has no effect',
      { firstShareAbove: '1', firstShare: '1' },
      { firstShareAbove: '1' },
    ],
    ['callGraceSeconds (59) is shorter', { callGraceSeconds: '59' }, { callGraceSeconds: '60' }],
    [
      'planExpirySeconds (119) is shorter than executionSeconds',
      { planExpirySeconds: '119', executionSeconds: '120', liquidationCooldownSeconds: '60' },
      { planExpirySeconds: '120', executionSeconds: '120' },
    ],
    [
      'planExpirySeconds (59) is shorter than the check interval',
      { planExpirySeconds: '59', liquidationCooldownSeconds: '59' },
      { planExpirySeconds: '60', liquidationCooldownSeconds: '60' },
    ],
    [
      'liquidationCooldownSeconds (301) is longer',
      { liquidationCooldownSeconds: '301' },
      { liquidationCooldownSeconds: '300' },
    ],
    [
      'staleAfterSeconds (59) is shorter',
      { staleAfterSeconds: '59', maxAgeSeconds: '59' },
      { staleAfterSeconds: '60', maxAgeSeconds: '60' },
    ],
    ['maxAgeSeconds (301) exceeds', { maxAgeSeconds: '301' }, { maxAgeSeconds: '300' }],
    [
      'frozenAfterSeconds (60) is no longer',
      { frozenAfterSeconds: '60' },
      { frozenAfterSeconds: '61' },
    ],
  ])('are found just beyond the edge: %s', (fault, bad, good) => {
    expect(faultsOf(bad)).toEqual([expect.stringContaining(`market policy/default: ${fault}`)]);
    expect(faultsOf(good)).toEqual([]);
  });

  it('are found in a class’s own price rules, and not again where it inherits them', () => {
    const risk = (oracle: object) => [{ kind: 'risk', id: 'R', volatility: '0.8', oracle }];
    expect(faultsOf({}, { risk: risk({ maxAgeSeconds: '400' }) })).toEqual([
      expect.stringContaining('market risk/R: maxAgeSeconds (400) exceeds staleAfterSeconds (300)'),
    ]);
    const policy = { maxAgeSeconds: '301' };
    expect(faultsOf(policy, { risk: risk({ maxJump: '0.1' }) })).toHaveLength(1);
  });
});
