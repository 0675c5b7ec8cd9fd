import { surplusOverTime } from '../../report/charts/surplus-over-time.ts';
import type { Section } from '../../report/report.ts';
import { MINUTE_MS } from '../black-thursday.ts';
import type { ToldDay, ToldStory } from './day.ts';

/** Before the first event and after the last that follows soon. */
const AROUND_MS = 60 * MINUTE_MS;
const SOON_MS = 180 * MINUTE_MS;

export const storiesSection = ({ stories }: ToldDay): Section => ({
  title: 'Individual accounts, check by check',
  prose: [
    'The charts show an account’s surplus over its liquidation line. The band shows how far the surplus ' +
      'may be off because prices are uncertain. A liquidation waits until the whole band is below the ' +
      'line; a margin call does not. An account with alerts is shown around them, the healthy account ' +
      'for the whole run.',
  ],
  charts: stories.map(({ name: accountId, story, ...told }) =>
    surplusOverTime({ accountId, story, ...aroundEvents(told) }),
  ),
});

/** The whole run if there are no events. */
function aroundEvents({ points, events }: Pick<ToldStory, 'points' | 'events'>) {
  const times = events.map(({ timeMs }) => timeMs);
  if (times.length === 0) return { points, events };
  const first = Math.min(...times);
  const last = Math.max(...times.filter((timeMs) => timeMs <= first + SOON_MS));
  const isShown = ({ timeMs }: { readonly timeMs: number }) =>
    timeMs >= first - AROUND_MS && timeMs <= last + AROUND_MS;
  return { points: points.filter(isShown), events: events.filter(isShown) };
}
