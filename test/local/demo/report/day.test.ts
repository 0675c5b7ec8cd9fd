import { beforeAll, describe, expect, it } from 'vitest';
import { roundDown, textOfPlaces } from '../../../../lambda/margin/number/decimal.ts';
import type { Message } from '../../../../lambda/messages/messages.ts';
import { parseDemoOptions } from '../../../../local/demo/options.ts';
import { findingsByTime } from '../../../../local/demo/report/breaches.ts';
import { type ToldDay, toldDay } from '../../../../local/demo/report/day.ts';
import { assessedAt, checkViews } from '../../../../local/demo/report/reassess.ts';
import { type DemoRun, runDemo } from '../../../../local/demo/run.ts';
import { memoryServices } from '../../../aws/services.ts';

const OPTIONS = parseDemoOptions(['--seed', '5', '--accounts', '60', '--no-report']);
const [FROM, UNTIL] = [600, 632];
/** Half an hour of checks on a busy machine. */
const SETUP_MS = 300_000;

let run: DemoRun;
let day: ToldDay;
let runOfSlots: DemoRun;
let runByEvents: DemoRun;
const SLOTS = parseDemoOptions(['--seed', '5', '--accounts', '30', '--interval', '10s']);
beforeAll(async () => {
  const options = { ...OPTIONS, fromMinute: FROM, untilMinute: UNTIL };
  run = await runDemo({ services: memoryServices(), options }, () => {});
  day = toldDay(run);
  const slots = { ...SLOTS, fromMinute: 610, untilMinute: 618 };
  runOfSlots = await runDemo({ services: memoryServices(), options: slots }, () => {});
  const events = { ...slots, intervalSeconds: 60, hasEvents: true };
  runByEvents = await runDemo({ services: memoryServices(), options: events }, () => {});
}, SETUP_MS);

type Figured = Extract<Message, { figures: object }>;
const isFigured = (message: Message): message is Figured => 'figures' in message;
const CENTS = 2;

describe('an account assessed again from the history of a run', () => {
  it.each([
    { at: 'a minute', intervalSeconds: 60, runOf: () => run, least: 20 },
    { at: '10 s', intervalSeconds: 10, runOf: () => runOfSlots, least: 10 },
    { at: 'a minute and by events', intervalSeconds: 60, runOf: () => runByEvents, least: 10 },
  ])('has exactly the figures of every message, at $at', (each) => {
    const { intervalSeconds, runOf, least } = each;
    const { history, messages } = runOf();
    const all = [...checkViews(history, intervalSeconds)];
    const views = new Map(all.map((view) => [view.asOf, view]));
    const sent = messages.filter(isFigured);
    expect(sent.length).toBeGreaterThan(least);
    for (const message of sent) {
      const view = views.get(Date.parse(message.asOf));
      if (view === undefined) throw new Error(`no check at ${message.asOf}`);
      const assessed = assessedAt(message, view, history);
      const point = assessed?.surplus.liquidation.point;
      expect(point && textOfPlaces(roundDown(point, CENTS), CENTS), message.id).toBe(
        message.figures.liquidationSurplus.point,
      );
    }
  });
});

describe('a run by events', () => {
  it('checks all accounts when prices move and those that changed, between the slots', () => {
    const { history, counts, replays } = runByEvents;
    expect(history.checks).toHaveLength(8);
    const kinds = history.looks.map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['scheduled', 'moved', 'changed']));
    expect(counts.eventChecks).toBe(history.looks.length - history.checks.length);
    const times = history.looks.map(({ asOf }) => asOf);
    expect(times).toEqual([...new Set(times)].toSorted((left, right) => left - right));
    expect(replays.decisions).toBeGreaterThan(10);
    expect(replays.identical).toBe(replays.decisions);
  });

  it('finds a line that is crossed between two slots', () => {
    const slots = new Set(runByEvents.history.checks.map(({ asOf }) => asOf));
    const { breaches } = toldDay(runByEvents);
    expect(breaches.some(({ timeMs }) => !slots.has(timeMs))).toBe(true);
  });
});

describe('the report on the day', () => {
  it('has a point for each account at each check', () => {
    expect(run.history.checks).toHaveLength(UNTIL - FROM);
    for (const { points } of day.stories) expect(points).toHaveLength(UNTIL - FROM);
  });

  it('covers an account without messages and one that was liquidated', () => {
    const [quiet, ...others] = day.stories;
    const heard = run.messages.flatMap((each) => ('accountId' in each ? [each.accountId] : []));
    expect(heard).not.toContain(quiet?.accountId);
    expect(others.map(({ story }) => story)).toContain('called, then liquidated');
  });

  it('is the same for the same run', () => {
    expect(toldDay(run)).toEqual(day);
  });

  it('measures at most one breach per case, each below its line', () => {
    const findings = [...findingsByTime(run.messages).values()].flat();
    expect(day.breaches.length).toBeGreaterThan(5);
    expect(day.breaches.length).toBeLessThanOrEqual(findings.length);
    for (const breach of day.breaches) {
      expect(breach.overshootUsd).toBeGreaterThan(0);
      expect(breach.bufferUsd).toBeGreaterThan(0);
      expect(breach.deviationUsd).toBeGreaterThan(0);
    }
  });
});
