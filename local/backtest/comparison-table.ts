import { tableOf } from '../cli/table.ts';
import { percent } from '../report/figures.ts';
import type { ComparedRule, Comparison } from './compare.ts';
import { fixed } from './tables.ts';

const HEAD = [
  'rule',
  'inside',
  'too many',
  'too few',
  '< ½',
  '> 2',
  'exceeded ÷ allowed',
  'buffer',
  'quantile loss',
  'shortfall',
  'lines held',
];

export function comparisonTables(comparisons: readonly Comparison[]): string {
  const tables = comparisons.map(
    ({ confidence, rules }) => `${percent(confidence)}\n${tableOf(HEAD, rules.map(rowOf))}`,
  );
  return [
    ...tables,
    'inside: sides of intervals of histories in Kupiec’s region. < ½, > 2: of what is allowed.',
    'Buffer, quantile loss and shortfall are relative to the first rule. lines: the nearest ones.',
  ].join('\n');
}

const rowOf = (rule: ComparedRule) => [
  rule.method,
  insideText(rule),
  rule.tooMany,
  rule.tooFew,
  ...ratiosOf(rule),
  linesText(rule),
];

export const insideText = ({ inside, cells }: ComparedRule): string => `${inside} of ${cells}`;

/** From the cells below half of what is allowed to the shortfall. */
export const ratiosOf = (rule: ComparedRule): (string | number)[] => [
  rule.belowHalf,
  rule.aboveTwice,
  fixed(rule.exceedances / rule.allowed, 2),
  fixed(rule.bufferRatio, 2),
  fixed(rule.quantileLossRatio, 2),
  fixed(rule.shortfallRatio, 2),
];

function linesText({ nearestLines: { crossings, held } }: ComparedRule): string {
  return crossings === 0 ? '–' : `${fixed((held / crossings) * 100, 1)} %`;
}
