import { count, counted, dollars, percent } from '../report/figures.ts';
import type { Fact, Report, Section, Verdict } from '../report/report.ts';
import type { Advice } from './advice.ts';
import type { CellResult } from './cell-result.ts';
import { eventsTable } from './events-table.ts';
import { isAt } from './frontier.ts';
import type { Cell } from './grid.ts';
import { totalVolatility } from './price-model.ts';
import { capitalCharts, costCharts } from './report-charts.ts';
import { capitalTable, costTable, riskTable } from './report-tables.ts';
import {
  answerText,
  capitalised,
  drawnText,
  equalCapitalText,
  fitText,
  isClose,
  shockText,
  shortAnswer,
  sizesTable,
  sourceText,
  sureText,
  timeText,
} from './sentences.ts';
import type { SimulationResult } from './simulate.ts';
import { executionsOf, notReplayedText, runsAt, shortfallText, type ToldRun } from './tables.ts';

export function simulationReport(result: SimulationResult): Report {
  const executions = executionsOf(result);
  const told = runsAt(result, executions[0] as number);
  return {
    title: 'How often to check, and how large a buffer to hold',
    verdict: verdictOf(told),
    lead: leadOf(result),
    facts: told.toReversed().flatMap(factsOf),
    sections: [
      ...executions.flatMap((seconds) => sectionsOf(result, seconds, executions.length > 1)),
      basisOf(result),
    ],
  };
}

const isSame = (left: Cell, right: Cell): boolean =>
  left.intervalSeconds === right.intervalSeconds && left.confidence === right.confidence;

/** The real prices lead: they are what happened. */
function verdictOf(told: readonly ToldRun[]): Verdict {
  const advices = told.map(({ told: each }) => each.advice).toReversed();
  const [lead, other] = advices as [Advice, Advice?];
  const isClear = advices.every((each) => each.outcome === 'recommended');
  const isAgreed = other === undefined || isSame(lead.best, other.best);
  const tone = isClear && isAgreed && !advices.some(isUnsure) ? 'good' : 'caution';
  if (other === undefined) return { tone, text: `${capitalised(shortAnswer(lead))}.` };
  if (isClear && isAgreed) {
    return { tone, text: `Real and simulated prices agree: ${shortAnswer(lead)}.` };
  }
  if (isClear && lead.best.intervalSeconds === other.best.intervalSeconds) {
    return {
      tone,
      text:
        `Check every ${timeText(lead.best.intervalSeconds)}: real and simulated prices agree. They do ` +
        `not on the buffer: ${heldText(lead)} for the real prices, ${heldText(other)} for the simulated.`,
    };
  }
  return {
    tone,
    text: `Real prices, replayed: ${shortAnswer(lead)}. Simulated prices: ${shortAnswer(other)}.`,
  };
}

const heldText = ({ best, shockHeld }: Advice): string =>
  best.confidence === null
    ? 'none'
    : `one at ${percent(best.confidence)} (${shockText(shockHeld)})`;

const isUnsure = ({ otherInterval, otherBuffer }: Advice): boolean =>
  [otherInterval, otherBuffer].some((rival) => rival !== undefined && isClose(rival.more));

function leadOf({ runs, hours, factor, book, shockMax }: SimulationResult): string {
  const paths = runs.map(
    (run) => `${count(run.paths)} ${run.source === 'model' ? 'simulated' : 'replayed'} paths`,
  );
  return (
    `Every account is followed over ${paths.join(' and ')} of ${hours} h for each setting. A check ` +
    `liquidates what it finds beyond its line; who was found too late leaves a bad debt. The buffer ` +
    `of an account covers the forecast move of ${factor} until an order is filled, up to ` +
    `${percent(shockMax)} of the price. ${count(book.simulated)} accounts have an open interest of ` +
    `${dollars(book.openInterest)}. Costs are for 30 days.`
  );
}

function factsOf({ run, told: { advice, grid } }: ToldRun): Fact[] {
  const best = grid.find(isAt(advice.best)) as CellResult;
  const source = sourceText(run);
  const isAdvised = advice.outcome === 'recommended';
  const factor = `standard error: a factor of ${advice.intervalFactor.toFixed(2)}`;
  return [
    {
      label: `${source}: ${isAdvised ? 'recommended interval' : 'interval of least cost'}`,
      value: timeText(best.intervalSeconds),
      note: isAdvised ? factor : 'no recommendation',
    },
    {
      label: `${source}: ${isAdvised ? 'recommended buffer' : 'buffer of least cost'}`,
      value: best.confidence === null ? 'none' : `at ${percent(best.confidence)}`,
      note:
        best.confidence === null ? undefined : `${shockText(advice.shockHeld)} of the price held`,
    },
    {
      label: `${source}: total cost there`,
      value: dollars(best.costPerMonth.total),
      note: `± ${dollars(best.costPerMonth.totalStandardError)} standard error`,
    },
    {
      label: `${source}: of which bad debt`,
      value: dollars(best.costPerMonth.badDebt),
      note: `${shortfallText(best)} of ${counted(best.liquidations, 'liquidation')} left one`,
    },
  ];
}

function sectionsOf(result: SimulationResult, seconds: number, isNamed: boolean): Section[] {
  const told = runsAt(result, seconds).toReversed();
  const suffix = isNamed ? `, orders filled after ${timeText(seconds)}` : '';
  return [
    {
      title: `Why${suffix}`,
      prose: told.map(({ run, told: each }) => {
        const { advice, equalCapital } = each;
        const why = equalCapitalText(equalCapital, advice);
        const answer = `${sourceText(run)}: ${answerText(advice)} ${sureText(advice)}`;
        return why === undefined ? answer : `${answer} ${why}`;
      }),
      charts: told.flatMap(({ run, told: each }) => [
        ...capitalCharts(each, sourceText(run)),
        ...costCharts(each, sourceText(run)),
      ]),
    },
    {
      title: `Every setting at its confidence${suffix}`,
      prose: [
        'A longer interval at the same confidence forecasts a larger move and holds more for it, up ' +
          'to the bound. So its bad debt may be smaller, and its capital larger.',
      ],
      tables: told.map(costTable),
    },
    {
      title: `Every interval at the same capital${suffix}`,
      prose: [
        'Here each interval holds as much capital on average as the shortest one does at the ' +
          'confidence shown, so only the interval differs. What a longer one adds in bad debt is ' +
          'the price of checking less often.',
      ],
      tables: told.map(capitalTable),
    },
    ...eventSection(told, suffix),
    {
      title: `Risk${suffix}`,
      prose: [
        'Where no debt was seen, its chance is only known to be below 3/n. “By the buffer”: accounts ' +
          'that were above their line with the buffer of the check before, at the same prices.',
      ],
      tables: told.map(riskTable),
    },
  ];
}

function eventSection(told: readonly ToldRun[], suffix: string): Section[] {
  const driven = told.filter(({ told: { events } }) => events.length > 0);
  if (driven.length === 0) return [];
  return [
    {
      title: `Checks that a price starts${suffix}`,
      prose: [
        'Beside the scheduled checks, one is run at once when the price has moved by half of Λ since ' +
          'the last check, at most one a second, with the shock of the scheduled check before it. ' +
          'The buffer is that of the interval.',
      ],
      tables: driven.map(({ run, told: each }) => ({
        caption: `${sourceText(run)}: scheduled checks alone, and with those that the price starts`,
        ...eventsTable(each),
      })),
    },
  ];
}

function basisOf(result: SimulationResult): Section {
  const { model, fit, runs, factor, seed } = result;
  const { tickSeconds, degrees, fastWeight, fastHalfLifeSeconds: fast } = model;
  const { slowWeight, slowHalfLifeSeconds: slow } = model;
  const law = degrees === null ? 'normal' : `Student-t with ${degrees} degrees of freedom`;
  const crashes = runs.find(({ source }) => source === 'replay')?.crashes;
  const replay =
    crashes !== undefined &&
    'The replayed paths are blocks of the file’s own rows in a new order, six hours of minutes on ' +
      `average. ${counted(crashes, 'crash is', 'crashes are')} kept whole. They show nothing that ` +
      'the file does not have.';
  return {
    title: 'What this rests on',
    prose: [
      `The volatility of ${factor} is ${percent(totalVolatility(model))} a year in the model. Its ` +
        `returns over ${timeText(tickSeconds)} are ${law}. Moves of the last ${timeText(fast)} have a ` +
        `weight of ${percent(fastWeight)} in the variance, those of the last ${timeText(slow)} ` +
        `${percent(slowWeight)}, so a crash is a burst.`,
      ...(fit === undefined
        ? []
        : [`${capitalised(fitText(fit, tickSeconds / fit.rowsAReturn))}.`]),
      ...(replay ? [replay] : []),
      ...runs
        .flatMap((run) => [notReplayedText(run), drawnText(run)])
        .filter((text) => text !== ''),
      'One price moves; everything is filled at once, at the price of its time; nobody pays a ' +
        `margin call. The same seed (${seed}) gives the same figures.`,
    ],
    tables:
      fit === undefined
        ? []
        : [
            {
              caption: 'Absolute moves of the fitted model and of the file',
              ...sizesTable(fit.sizes),
            },
          ],
  };
}
