import type { Opening, OpeningPoint, OpeningShare } from '../margin/market/opening.ts';
import { isAtLeast, isZero } from '../margin/number/decimal.ts';
import {
  amountField,
  choiceField,
  described,
  fractionField,
  onFirstUse,
  spanField,
} from './fields.ts';
import * as z from './zod.ts';

const POINTS_MAX = 20;
const YEAR_SECONDS = 31_536_000;

const BETWEEN =
  'steps: each value holds from its second on. linear: straight lines between the points. The last ' +
  'value holds from there on.';

const pointsField = () =>
  described(
    z
      .array(
        z.strictObject({
          seconds: spanField(
            'Time since the case sent its first order plan, from 0 to a year, to the millisecond.',
            { secondsMax: YEAR_SECONDS },
          ),
          value: fractionField('From 0 to 1.'),
        }),
      )
      .check(
        z.refine(
          ({ length }) => length >= 1 && length <= POINTS_MAX,
          `must have 1 to ${POINTS_MAX} points`,
        ),
        z.refine((points) => (points[0]?.seconds ?? 0) === 0, 'must begin at 0 seconds'),
        z.refine(
          (points) => inOrder(points, (one, other) => one.seconds < other.seconds),
          'must rise in seconds from point to point',
        ),
        z.refine(
          (points) => inOrder(points, (one, other) => isAtLeast(other.value, one.value)),
          'must not fall in value from point to point: what has opened stays open',
        ),
      ),
    `1 to ${POINTS_MAX} points; the first is at 0 seconds, seconds rise, and values do not fall.`,
  );

const inOrder = (
  points: readonly OpeningPoint[],
  holds: (one: OpeningPoint, other: OpeningPoint) => boolean,
): boolean =>
  points.every((point, index) => {
    const before = points[index - 1];
    return before === undefined || holds(before, point);
  });

type Points = Opening['points'];

/** A fraction that opens with the time since a liquidation began. */
export const openingField = (description: string) =>
  onFirstUse(() =>
    described(
      z.pipe(
        z.strictObject({
          between: choiceField(['steps', 'linear'], BETWEEN),
          points: pointsField(),
        }),
        z.transform(
          ({ between, points }): Opening => ({ between, points: points as unknown as Points }),
        ),
      ),
      description,
    ),
  );

export const openingShare = onFirstUse(() =>
  described(
    z.pipe(
      z
        .strictObject({
          of: choiceField(
            ['holding', 'shortage'],
            'holding: a plan closes at most this share of each position, collateral and loan, as ' +
              'held at its check. shortage: it removes at most this share of what the account ' +
              'lacks of its target at that check.',
          ),
          between: choiceField(['steps', 'linear'], BETWEEN),
          points: pointsField(),
          wholeBelow: z.optional(
            amountField(
              'A plan removes the whole of a shortage below this, whatever the share of it that has ' +
                'opened. Only with of: shortage. Without it the share always holds.',
            ),
          ),
        })
        .check(
          z.refine(({ of, wholeBelow }) => wholeBelow === undefined || of === 'shortage', {
            path: ['wholeBelow'],
            message: 'needs of: shortage; closeWholeBelow of the policy is for holdings',
          }),
          z.refine(({ points: [first] }) => first === undefined || !isZero(first.value), {
            path: ['points'],
            message: 'must begin above 0: the clock starts with the first order',
          }),
        ),
      z.transform(
        ({ points, ...share }): OpeningShare => ({
          ...share,
          points: points as unknown as Points,
        }),
      ),
    ),
    'How much a plan may close or swap, by the time since the case sent its first order plan. An account ' +
      'with equity below 0 is not held back by a share of the shortage. Not with ' +
      'firstShareAbove, and no share of the shortage with amount most of loanSwap. Without it, plans ' +
      'close what is needed.',
  ),
);
