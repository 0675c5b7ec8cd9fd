/**
 * `npm run bench:backtest -- <folder>`: the research of docs/backtest.md, on six histories. Free
 * parameters were chosen on the first three alone; the others only judge.
 */
import { Command } from 'commander';
import { datesOf } from '../backtest/backtest.ts';
import { type ComparedRule, compare, type Series } from '../backtest/compare.ts';
import { comparisonTables, insideText, ratiosOf } from '../backtest/comparison-table.ts';
import { frameOf } from '../backtest/frame.ts';
import { DEFAULTS, type Method, type Parameters } from '../backtest/parameters.ts';
import type { SideResult } from '../backtest/result.ts';
import { sideResult } from '../backtest/side-result.ts';
import { basisPoints, fixed } from '../backtest/tables.ts';
import { SIDES } from '../backtest/windows.ts';
import { tableOf } from '../cli/table.ts';
import { percent } from '../report/figures.ts';
import { CRASH_DAYS, HISTORIES, type Named, readHistories } from './histories.ts';

const CONFIDENCES = [0.99, 0.995, 0.999];
/** The new rule against the one before it. */
const BEFORE: readonly Method[] = ['november', 'tracked'];

const program = new Command('bench:backtest').argument('<folder>').parse();
const [folder = '.'] = program.args;
const print = (text: string) => process.stdout.write(`${text}\n`);

const tuned = await readHistories(folder, 'set');
const judged = await readHistories(folder, 'judged');

for (const [title, series] of [
  ['Set here: BTC minutes, SOL, BTC days', tuned],
  ['Only judged here: DOGE, BTC hours, AVAX', judged],
] as const) {
  print(`\n${title}`);
  print(comparisonTables(CONFIDENCES.map((confidence) => compare(series, at(confidence)))));
}

print(
  '\nOrdinary days and crashes apart, relative to the rule of November (lines: of whole histories)',
);
print(partsTable());

print('\nOnly the ends of gaps are seen');
print(endsTable());

print('\nEvery cell of the judged histories at 99 %: the rule of November, then the rule');
print(cellsTable());

function at(confidence: number, more: Partial<Parameters> = {}): Parameters {
  return { ...DEFAULTS, confidence, ...more };
}

function partsTable(): string {
  const parts: readonly [string, readonly Series[]][] = [
    ['set, ordinary', within(tuned, false)],
    ['set, crash days', within(tuned, true)],
    ['judged, ordinary', within(judged, false)],
    ['judged, crashes', within(judged, true)],
  ];
  const head = ['part', 'confidence', 'rule', 'inside', '< ½', '> 2', 'exceeded ÷ allowed'];
  const rows = parts.flatMap(([name, series]) =>
    CONFIDENCES.flatMap((confidence) =>
      compare(series, at(confidence), BEFORE).rules.map((rule) => [
        name,
        percent(confidence),
        ...ruleCells(rule),
      ]),
    ),
  );
  const more = ['buffer', 'quantile loss', 'shortfall', 'lines held'];
  return tableOf([...head, ...more], rows, 3);
}

function ruleCells(rule: ComparedRule): readonly (string | number)[] {
  return [
    rule.method,
    insideText(rule),
    ...ratiosOf(rule),
    `${rule.nearestLines.held} of ${rule.nearestLines.crossings}`,
  ];
}

/** A window counts as of a crash if it begins on one of the named days. */
function within(series: readonly Named[], isCrash: boolean): Series[] {
  return series.map(({ file, ...each }) => {
    const days = CRASH_DAYS[file];
    const isInCrash = (time: number) =>
      days === 'all' || days.includes(new Date(time * 1000).toISOString().slice(0, 10));
    return { ...each, isCounted: (time: number) => isInCrash(time) === isCrash };
  });
}

function endsTable(): string {
  const head = [
    'histories',
    'confidence',
    'quotes',
    'inside',
    'exceeded ÷ allowed',
    'shortfall bp',
  ];
  const rows = (
    [
      ['set', tuned],
      ['judged', judged],
    ] as const
  ).flatMap(([name, series]) =>
    CONFIDENCES.flatMap((confidence) =>
      (['range', 'ends'] as const).map((quotes) => {
        const [rule] = compare(series, at(confidence, { quotes }), ['tracked']).rules;
        const { exceedances, allowed, shortfallBasisPoints } = rule as ComparedRule;
        const share = fixed(exceedances / allowed, 2);
        const shortfall = fixed(shortfallBasisPoints, 0);
        return [
          name,
          percent(confidence),
          quotes,
          insideText(rule as ComparedRule),
          share,
          shortfall,
        ];
      }),
    ),
  );
  return tableOf(head, rows, 3);
}

function cellsTable(): string {
  const head = ['history', 'Δ s', 'side', 'windows', 'accepted', 'exceeded', '', 'buffer bp', ''];
  const more = ['shortfall bp', '', 'peak ÷ trough', '', 'rise bp', ''];
  const rows = judged.flatMap(({ file, history, intervals }) =>
    intervals.flatMap((intervalSeconds) => {
      const { reportFrom } = datesOf(history, undefined);
      const frames = BEFORE.map((method) =>
        frameOf({ history, parameters: at(0.99, { method }), intervalSeconds, reportFrom }),
      );
      return SIDES.map((side) => {
        const results = frames.map((frame) => sideResult(frame, side));
        return [HISTORIES[file].name, intervalSeconds, side, ...pairCells(results)];
      });
    }),
  );
  return tableOf([...head, ...more], rows);
}

function pairCells(results: readonly SideResult[]): (string | number)[] {
  const [first] = results;
  if (first === undefined) return [];
  const { cases, accepted } = first.coverage;
  const each = (of: (result: SideResult) => string | number) => results.map(of);
  return [
    cases,
    `${accepted.fewest}–${accepted.most}`,
    ...each(
      ({ coverage }) => `${coverage.exceedances}${coverage.verdict === 'inside' ? '' : ' !'}`,
    ),
    ...each(({ cost }) => basisPoints(cost.meanBuffer)),
    ...each(
      ({ shortfall }) =>
        `${fixed(shortfall.basisPoints, 0)}${shortfall.verdict === 'inside' ? '' : ' !'}`,
    ),
    ...each(({ procyclicality }) => fixed(procyclicality?.peakToTrough ?? Number.NaN, 0)),
    ...each(({ procyclicality }) => fixed((procyclicality?.largestRise ?? Number.NaN) * 1e4, 0)),
  ];
}
