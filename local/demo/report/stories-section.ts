/** The section on a few accounts, each around what happened to it. */
import { surplusOverTime } from '../../report/charts/surplus-over-time.ts';
import type { Section } from '../../report/report.ts';
import { MINUTE_MS } from '../black-thursday.ts';
import type { ToldDay, ToldStory } from './day.ts';

/** Before the first and after the last event of an account. */
const AROUND_MS = 60 * MINUTE_MS;

export const storiesSection = ({ stories }: ToldDay): Section => ({
  title: 'Single accounts, check by check',
  prose: [
    'What an account has above its liquidation line. The band is how far that may be off because the ' +
      'prices are: a liquidation waits until all of it is below the line, a call does not.',
  ],
  charts: stories.map((story) => {
    const { name: accountId, story: outcome, events } = story;
    return surplusOverTime({ accountId, story: outcome, points: pointsAround(story), events });
  }),
});

/** All of them for an account to which nothing happened. */
function pointsAround({ points, events }: ToldStory) {
  const times = events.map(({ timeMs }) => timeMs);
  if (times.length === 0) return points;
  const from = Math.min(...times) - AROUND_MS;
  const until = Math.max(...times) + AROUND_MS;
  return points.filter(({ timeMs }) => timeMs >= from && timeMs <= until);
}
