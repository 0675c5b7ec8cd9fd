import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Coverage } from './coverage.ts';
import type { History } from './history.ts';
import { MUTANTS } from './planted.ts';
import { Runs } from './runs.ts';
import { historyOf, shrink, tryOut } from './trial.ts';
import { Watch } from './watch.ts';
import { live } from './world.ts';

const MINUTES = 5;

describe('histories', () => {
  it('hold, and what happens in them is worth holding', async () => {
    const coverage = new Coverage();
    for (let seed = 1; seed <= 40; seed++) {
      const { violations, counts } = await tryOut(seed, MINUTES);
      expect(violations, `seed ${seed}`).toEqual([]);
      coverage.add(counts);
    }
    const { counts } = coverage;
    expect(Object.keys(counts.levels ?? {})).toEqual(
      expect.arrayContaining(['call', 'liquidation', 'deficit', 'indeterminate']),
    );
    expect(counts.decisions?.replayed).toBeGreaterThan(100);
    expect(counts.accounts?.judged).toBeGreaterThan(50);
    expect(Object.keys(counts).sort()).toEqual([
      ...['accounts', 'all read', 'certificates', 'checkpoints', 'checks', 'decisions'],
      ...[
        'event faults',
        'events',
        'faults',
        'functions',
        'levels',
        'messages',
        'operators',
        'owners',
        'quotes',
        'schedule',
        'slots',
        'stream',
        'tables',
      ],
      ...['topics', 'uncertified', 'venue', 'withheld for', 'workers'],
    ]);
    expect(counts.certificates?.['accounts not read']).toBeGreaterThan(10);
    expect(counts.certificates?.['accounts remembered']).toBeGreaterThan(0);
    for (const what of ['handed over', 'lost', 'late', 'doubled', 'starts']) {
      expect(counts.slots?.[what], what).toBeGreaterThan(2);
    }
    expect(counts.events?.['of all accounts']).toBeGreaterThan(10);
    expect(counts.events?.['of changed accounts']).toBeGreaterThan(10);
  });

  it('depend on nothing but their seed', async () => {
    const history = await historyOf(7, MINUTES);
    expect(await historyOf(7, MINUTES)).toEqual(history);
    const [one, other] = [await live(history), await live(history)];
    expect(other.digest).toBe(one.digest);
    const next = await live(await historyOf(8, MINUTES));
    expect(next.digest).not.toBe(one.digest);
  });

  it('are told in words', async () => {
    const { story } = await live(await historyOf(2, MINUTES), { tells: true });
    expect(story.join('\n')).toMatch(/check 0\.0 begins/);
    expect(story.join('\n')).toMatch(/from here all is calm/);
  });

  it('have nothing to shrink while all holds', async () => {
    expect(await shrink(1, 1)).toBeUndefined();
  });
});

describe('the planted faults', () => {
  it.each(MUTANTS)('have their place in the source: $fault', ({ file, from, to }) => {
    const source = readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
    expect(source.split(from)).toHaveLength(2);
    expect(to).not.toBe(from);
  });
});

describe('runs of checks', () => {
  const at = (second: number) => new Date(second * 1000).toISOString();
  const done = { hasRun: true, hasDied: false };
  const runs = (...of: readonly (readonly [id: number, begun: number, ended: number])[]) => {
    const made = new Runs();
    for (const [index, [id, begun, ended]] of of.entries()) {
      made.begin(`${index}`, at(id), begun * 1000);
      made.end(`${index}`, { ...done, endedAt: ended * 1000 });
    }
    return [...made.faults()];
  };

  it('do no check twice', () => {
    expect(runs([0, 0, 1], [10, 10, 11])).toEqual([]);
    expect(runs([0, 0, 1], [0, 2, 3])).toEqual(['1 and 0 have both done one check']);
  });

  it('may be skipped for a later one, or below a minute for one that runs or has died', () => {
    const made = new Runs();
    made.begin('first', at(0), 0);
    made.begin('second', at(10), 10_000);
    expect(made.maySkip('first', false)).toBe(true);
    expect(made.maySkip('second', true)).toBe(true);
    expect(made.maySkip('second', false)).toBe(false);
    made.end('first', { ...done, endedAt: 9_000 });
    expect(made.maySkip('second', true)).toBe(false);
    made.end('first', { hasRun: false, hasDied: true, endedAt: 9_000 });
    expect(made.maySkip('second', true)).toBe(true);
  });
});

describe('the watch', () => {
  const policy = { callGraceSeconds: 60, liquidationCooldownSeconds: 60 } as History['policy'];
  const watch = () => new Watch(new Coverage(), policy);
  const item = (version: number, checkId: string, rest: object = {}) => ({
    pk: { S: 'account#a' },
    sk: { S: 'case' },
    version: { N: String(version) },
    checkId: { S: checkId },
    ...rest,
  });
  const open = (generation: number, sentAt: number) => ({
    state: {
      M: {
        open: {
          M: {
            caseId: { S: 'a@1' },
            level: { S: 'liquidation' },
            plan: {
              M: {
                generation: { N: String(generation) },
                sentAt: { N: String(sentAt) },
                expiresAt: { N: String(sentAt + 120_000) },
              },
            },
          },
        },
      },
    },
  });

  it.each([
    ['a version that is skipped', item(1, '1'), item(3, '2'), 'version 1 was followed by 3'],
    ['a check that is older', item(1, '2'), item(2, '1'), 'written by 1 after 2'],
    [
      'a generation that goes back',
      item(1, '1', open(2, 0)),
      item(2, '2', open(1, 0)),
      'generation 2 was followed by 1',
    ],
    [
      'a plan before its time',
      item(1, '1', open(1, 0)),
      item(2, '2', open(2, 59_999)),
      'generation 2 came before its time',
    ],
  ])('sees %s', (_what, oldImage, newImage, violation) => {
    const seen = watch();
    seen.written({ table: 'margin', keys: {}, oldImage, newImage } as never);
    expect(seen.violations.join()).toContain(violation);
  });

  it('sees a plan that leaves after its successor was decided', () => {
    const seen = watch();
    const [oldImage, newImage] = [item(1, '1', open(1, 0)), item(2, '2', open(2, 60_000))];
    seen.written({ table: 'margin', keys: {}, oldImage, newImage } as never);
    const plan = { planId: 'a@1#1', caseId: 'a@1', generation: 1 };
    seen.publishedPlan(plan, { checkId: '1', startedAt: 0 });
    expect(seen.violations.join()).not.toContain('left');
    seen.publishedPlan(plan, { checkId: '2', startedAt: 60_000 });
    expect(seen.violations.join()).toContain('left after generation 2');
  });

  it('sees two contents of one id, and a plan that leaves after a halt', () => {
    const seen = watch();
    const message = { id: 'a/1', type: 'check.failed', asOf: '2026-03-12T10:00:00.000Z' };
    seen.heardAlert(JSON.stringify(message));
    seen.heardAlert(JSON.stringify({ ...message, detail: 'other' }));
    expect(seen.violations.join()).toContain('two contents were sent as a/1');
    const halted = { kind: { S: 'policy' }, halt: { BOOL: true } };
    seen.policyWritten({ table: 'market', keys: {}, newImage: halted } as never, 1_000);
    const plan = { planId: 'a@1#1', caseId: 'a@1', generation: 1 };
    seen.publishedPlan(plan, { checkId: '2', startedAt: 900 });
    expect(seen.violations.join()).not.toContain('left');
    seen.publishedPlan(plan, { checkId: '2', startedAt: 1_500 });
    expect(seen.violations.join()).toContain('a@1#1 left 500 ms after halt');
  });
});
