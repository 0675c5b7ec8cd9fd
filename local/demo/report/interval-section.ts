import { groupBy } from '../../../lambda/margin/number/group-by.ts';
import { OVERSHOOT_MEAN } from '../../analysis/overshoot/stationary.ts';
import { median } from '../../bench/median.ts';
import { exceedancesOverTime } from '../../report/charts/exceedances-over-time.ts';
import { overshootDistribution } from '../../report/charts/overshoot-distribution.ts';
import {
  clockText,
  count,
  counted,
  dollars,
  figure,
  percent,
  whole,
} from '../../report/figures.ts';
import type { Section, Table } from '../../report/report.ts';
import { type Messages, type Of, ofType } from '../message-counts.ts';
import { type Breach, sum } from './breaches.ts';

/** The policy's default for the latency buffer. */
const CONFIDENCE = 0.99;
const BASIS_POINTS = 10_000;
const WORST_SHOWN = 10;

export function intervalSection(breaches: readonly Breach[], messages: Messages): Section {
  return {
    title: 'Cost of the check interval',
    prose:
      breaches.length === 0
        ? ['No liquidation line was crossed between two checks.']
        : proseOf(breaches),
    charts: [
      overshootDistribution({
        noun: 'breach',
        overshootsDeviations: breaches.map((each) => each.overshootUsd / each.deviationUsd),
        bufferDeviations: median(breaches.map((each) => each.bufferUsd / each.deviationUsd)),
      }),
      exceedancesOverTime({
        confidence: CONFIDENCE,
        losses: breaches.map(({ timeMs, overshootUsd, bufferUsd, exposureUsd }) => ({
          timeMs,
          lossBasisPoints: (overshootUsd / exposureUsd) * BASIS_POINTS,
          bufferBasisPoints: (bufferUsd / exposureUsd) * BASIS_POINTS,
        })),
      }),
    ],
    tables: [worstTable(breaches), deficitsTable(messages)],
  };
}

function proseOf(breaches: readonly Breach[]): string[] {
  const overshoot = sum(breaches.map(({ overshootUsd }) => overshootUsd));
  const buffer = sum(breaches.map(({ bufferUsd }) => bufferUsd));
  const ratio =
    sum(breaches.map((each) => each.overshootUsd / each.deviationUsd)) / breaches.length;
  const beyond = breaches.filter((each) => each.overshootUsd > each.bufferUsd).length;
  return [
    `${counted(breaches.length, 'liquidation line was', 'liquidation lines were')} crossed between two checks. ` +
      `When found, the accounts were ${dollars(overshoot)} below their lines in total. They held a ` +
      `latency buffer of ${dollars(buffer)} for this, and ${percent(overshoot / buffer)} of it was used. ` +
      `${counted(beyond, 'breach was larger than its', 'breaches were larger than their')} buffer.`,
    `On average a breach was found ${figure(ratio)} standard deviations beyond its line. One ` +
      'standard deviation is that of one interval’s move, at the volatility that the margin assumes. ' +
      ratioText(ratio),
  ];
}

const ratioText = (ratio: number): string =>
  ratio > 2 * OVERSHOOT_MEAN
    ? `Theory predicts ${figure(OVERSHOOT_MEAN)}. During the crash, prices moved far more between two checks ` +
      'than usual, so a buffer for 99 % of usual moves could not hold.'
    : `Theory predicts ${figure(OVERSHOOT_MEAN)}.`;

const nameOf = ({ accountId, position }: { accountId: string; position?: string | undefined }) =>
  position === undefined ? accountId : `${accountId}, ${position}`;

function worstTable(breaches: readonly Breach[]): Table {
  const worst = breaches.toSorted(
    (left, right) => right.overshootUsd / right.bufferUsd - left.overshootUsd / left.bufferUsd,
  );
  return {
    caption: `The ${WORST_SHOWN} breaches that used the largest share of their buffer`,
    head: ['Account', 'Found, UTC', 'Below the line, USD', 'Buffer held, USD', 'Buffer used'],
    rows: worst
      .slice(0, WORST_SHOWN)
      .map((each) => [
        nameOf(each),
        clockText(each.timeMs),
        whole(each.overshootUsd),
        whole(each.bufferUsd),
        percent(each.overshootUsd / each.bufferUsd),
      ]),
  };
}

type Deficit = Of<'deficit.detected'>;

function deficitsTable(messages: Messages): Table {
  const byCase = groupBy(ofType(messages, 'deficit.detected'), ({ caseId, id }) => caseId ?? id);
  const deficits = [...byCase.values()].map((reports) => {
    const times = reports.map(({ asOf }) => Date.parse(asOf));
    const largest = Math.max(...reports.map(({ shortfall }) => Number(shortfall)));
    return {
      ...(reports[0] as Deficit),
      firstMs: Math.min(...times),
      largest,
      reports: reports.length,
    };
  });
  return {
    caption: 'Deficits, the largest first; a deficit that grows is reported again',
    head: ['Account', 'First detected, UTC', 'Largest shortfall, USD', 'Reports'],
    rows: deficits
      .toSorted((left, right) => right.largest - left.largest)
      .map((each) => [
        nameOf(each),
        clockText(each.firstMs),
        whole(each.largest),
        count(each.reports),
      ]),
  };
}
