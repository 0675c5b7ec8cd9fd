/** An unrealised profit that counts for less (../market/profit-rule.ts), by instrument. */
import { heightOf, type Line } from '../curve/curve.ts';
import { type Hinge, linePiece, type Piece } from '../curve/hinge-part.ts';
import type { ProfitRule } from '../market/profit-rule.ts';
import { rootDiscounted } from '../market/root-scaling.ts';
import {
  type Amount,
  amount,
  approximately,
  isPositive,
  isZero,
  ONE,
  type Ratio,
  ratioBetween,
  smaller,
  subtract,
  subtractUp,
  times,
  timesDown,
} from '../number/decimal.ts';

/** @param profit in the numeraire, by the price's multiple */
export function profitHinges(rule: ProfitRule, profit: Line): Hinge[] {
  const now = heightOf(profit, ONE);
  const counted = countedInBalance(rule, now);
  const balance: Hinge = {
    on: 'balance',
    now: subtractUp(now, counted),
    pieces: piecesInBalance(rule, profit),
  };
  const initial: Hinge = {
    on: 'initial',
    now: subtractUp(counted, countedInitially(rule, now)),
    pieces: piecesInitially(rule, profit),
    less: isFull(rule.weight) ? undefined : balance.pieces,
    slack: slackOf(rule, profit),
  };
  return [...(isFull(rule.weight) ? [] : [balance]), ...(isPlain(rule) ? [] : [initial])];
}

const isFull = (weight: Ratio): boolean => isZero(subtract(ONE, weight));

/** The initial requirement takes off no more than the balance has. */
const isPlain = ({ weight, initialWeight, initialScaling, initialCap }: ProfitRule): boolean =>
  isZero(subtract(weight, initialWeight)) && isZero(initialScaling) && initialCap === undefined;

const countedInBalance = ({ weight }: ProfitRule, profit: Amount): Amount =>
  isPositive(profit) ? timesDown(profit, weight) : profit;

const ONE_OF_NUMERAIRE = amount('1');

export function countedInitially(rule: ProfitRule, profit: Amount): Amount {
  if (!isPositive(profit)) return profit;
  const { initialWeight, initialScaling: scaling, initialCap, weightPlaces: places } = rule;
  const size = ratioBetween(profit, ONE_OF_NUMERAIRE);
  const weight = isZero(scaling)
    ? initialWeight
    : rootDiscounted(initialWeight, { scaling, size, places });
  const counted = smaller(timesDown(profit, weight), countedInBalance(rule, profit));
  return initialCap === undefined ? counted : smaller(counted, initialCap);
}

const share = ({ constant, slope }: Line, of: Ratio): Line => ({
  constant: times(constant, of),
  slope: times(slope, of),
});

const piecesInBalance = ({ weight }: ProfitRule, profit: Line): Piece[] => [
  linePiece(share(profit, subtract(ONE, weight))),
];

function piecesInitially(rule: ProfitRule, profit: Line): Piece[] {
  const { initialWeight, initialScaling, initialCap } = rule;
  const weighed = linePiece(share(profit, subtract(ONE, initialWeight)));
  const scaled = isZero(initialScaling) ? [] : [scaledPiece(profit, approximately(initialScaling))];
  if (initialCap === undefined) return [weighed, ...scaled];
  const { constant, slope } = profit;
  const beyondCap = linePiece({ constant: subtract(constant, initialCap), slope });
  return [weighed, ...scaled, beyondCap];
}

const MOST = 1.1;

/** P − 1.1·P/(1 + k·√P), whose slope by P only rises; 0 where P is not above zero. */
function scaledPiece(profit: Line, k: number): Piece {
  const line = linePiece(profit);
  return {
    size: line.size,
    near: (multiple) => {
      const { value, slope } = line.near(multiple);
      if (value <= 0) return { value: 0, slope: 0 };
      const divisor = 1 + k * Math.sqrt(value);
      const lost = 1 - (MOST * (1 + (k * Math.sqrt(value)) / 2)) / (divisor * divisor);
      return { value: value - (MOST * value) / divisor, slope: slope * lost };
    },
  };
}

function slackOf({ weightPlaces, initialScaling }: ProfitRule, profit: Line): Hinge['slack'] {
  if (weightPlaces === undefined || isZero(initialScaling)) return undefined;
  const line = linePiece(profit);
  return (multiple) => Math.max(0, line.near(multiple).value) * 10 ** -weightPlaces;
}
