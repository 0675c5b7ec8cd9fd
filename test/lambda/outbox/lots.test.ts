import { describe, expect, it } from 'vitest';
import { CaseRunner } from '../../../lambda/outbox/case-runner.ts';
import type { CaseSubject } from '../../../lambda/outbox/case-subject.ts';
import { CheckCounters } from '../../../lambda/outbox/check-counters.ts';
import { Outbox } from '../../../lambda/outbox/outbox.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

const subject = (lot: number): CaseSubject => ({
  key: { pk: `account#${lot}`, sk: 'case' },
  decide: () => undefined,
});

/** An outbox that publishes when it is told to. */
class SlowOutbox extends Outbox {
  decided = 0;
  readonly publishing: { readonly done: () => void; readonly fail: (error: Error) => void }[] = [];

  override async decideAndWrite(subjects: readonly CaseSubject[]) {
    this.decided++;
    return { subjects, cases: [], failures: [], superseded: 0 };
  }

  override publishWritten() {
    const result = { failures: [], publishFailures: [], published: 1, withdrawn: 0, superseded: 0 };
    return new Promise<typeof result>((resolve, reject) => {
      this.publishing.push({ done: () => resolve(result), fail: reject });
    });
  }
}

function started(count: number) {
  const outbox = new SlowOutbox({} as never);
  const counters = new CheckCounters();
  const runner = new CaseRunner({ outbox, counters, open: [] });
  async function* lots() {
    for (let lot = 0; lot < count; lot++) yield [subject(lot)];
  }
  const processing = runner.processLots(lots());
  processing.catch(() => undefined);
  return { outbox, counters, processing };
}

describe('lots', () => {
  it('are decided while four are on their way, and wait for one of them then', async () => {
    const { outbox, counters, processing } = started(6);
    await settled();
    expect(outbox.decided).toBe(4);
    outbox.publishing[2]?.done();
    await settled();
    expect(outbox.decided).toBe(5);
    for (let each = 0; each < 6; each++) {
      outbox.publishing[each]?.done();
      await settled();
    }
    await processing;
    expect([outbox.decided, counters.counts('').published]).toEqual([6, 6]);
  });

  it('end with the first that failed, once the others on their way are out', async () => {
    const { outbox, counters, processing } = started(9);
    await settled();
    outbox.publishing[1]?.fail(new Error('no answer'));
    let isOver = false;
    processing
      .catch(() => undefined)
      .finally(() => {
        isOver = true;
      });
    await settled();
    expect([outbox.decided, isOver]).toEqual([4, false]);
    for (const { done } of outbox.publishing) done();
    await expect(processing).rejects.toThrow('no answer');
    expect(counters.counts('').published).toBe(3);
  });
});
