/** Figures from a second pass over the checks. */
import { textOf } from '../../../lambda/margin/number/decimal.ts';
import type { SurplusPoint } from '../../report/charts/surplus-over-time.ts';
import type { DemoRun } from '../run.ts';
import { type Breach, breachOf, findingsByTime, sum } from './breaches.ts';
import { type CheckView, checkViews } from './reassess.ts';
import { type Story, storiesOf, surplusAt } from './stories.ts';

export interface ToldStory extends Story {
  readonly points: readonly SurplusPoint[];
}

export interface ToldDay {
  readonly stories: readonly ToldStory[];
  readonly breaches: readonly Breach[];
  /** Λ of BTC for falls, mean over the checks. */
  readonly shockHeld: number;
}

type Told = Pick<DemoRun, 'messages' | 'history' | 'options'>;

export function toldDay({ messages, history, options }: Told): ToldDay {
  const stories = storiesOf(messages, history).map((story) => ({
    ...story,
    points: [] as SurplusPoint[],
  }));
  const findings = findingsByTime(messages);
  const breaches: Breach[] = [];
  const shocks: number[] = [];
  let before: CheckView | undefined;
  for (const now of checkViews(history, options.intervalSeconds)) {
    for (const story of stories) story.points.push(surplusAt(story, now, history));
    for (const finding of findings.get(now.asOf) ?? []) {
      const breach = breachOf(finding, { now, before, history });
      if (breach !== undefined) breaches.push(breach);
    }
    const factor = now.snapshot.feeds.get('BTC-USD')?.factor;
    if (factor?.ok) shocks.push(Number(textOf(factor.value.shockDown)));
    // The other accounts were not looked at then.
    if (now.kind !== 'changed') before = now;
  }
  return { stories, breaches, shockHeld: sum(shocks) / Math.max(1, shocks.length) };
}
