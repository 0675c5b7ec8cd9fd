import { FILLING_LABELS } from '../../../lambda/messages/scenario-label.ts';
import type { Assessment } from '../../analysis/assess-document.ts';
import { tableOf } from '../table.ts';
import { arithmeticTable } from './arithmetic.ts';
import {
  type Assessed,
  dayOf,
  type Factor,
  figure,
  isAssessed,
  money,
  NONE,
  nameOf,
  type Portfolio,
  percent,
  signedPercent,
} from './format.ts';
import { GREEK_NAMES, greeksOf, greekText } from './greeks.ts';
import { gridOf } from './grid.ts';

export const explain = (assessments: readonly Assessment[]): string =>
  assessments.map(accountText).join('\n\n\n');

function accountText(each: Assessment): string {
  const title = `${nameOf(each)}: ${each.level ?? (isAssessed(each) ? 'level open' : 'margin unknown')}, ${each.certainty}`;
  const why = each.reasons.map(({ detail }) => `- ${detail}`);
  if (!isAssessed(each)) return [title, ...why].join('\n');
  const notes = each.notes.map(({ detail }) => `- ${detail}`);
  return [
    [title, ...why, ...notes].join('\n'),
    figureTable(each),
    lineTable(each),
    ...(each.factors.length === 0 ? [] : [factorTable(each), moveTable(each)]),
    ...greekTable(each),
    ...optionTable(each),
    ...each.factors.flatMap(requirementTexts),
  ].join('\n');
}

const figureTable = (each: Assessed): string =>
  tableOf(
    ['equity', 'margin balance', 'initial', 'maintenance', 'buffer', 'safe radius'],
    [
      [
        ...[each.equity, each.marginBalance, each.initialRequirement].map(money),
        ...[each.maintenanceRequirement, each.latencyBuffer].map(money),
        percent(each.safeRadius?.liquidation),
      ],
    ],
    0,
  );

const LINES = [
  ['liquidation', 'liquidationLine'],
  ['call', 'callLine'],
  ['restore', 'restoreLine'],
] as const;

/** `least` and `most` only where a price is in doubt. */
function lineTable(each: Assessed): string {
  const isInDoubt = LINES.some(([name]) => each.surplus[name].least !== undefined);
  const doubt = isInDoubt ? ['least', 'most'] : [];
  return tableOf(
    ['line', 'required', 'surplus', ...doubt, 'surplus, low', 'surplus, high'],
    LINES.map(([name, line]) => {
      const { low, least = '', point, most = '', high } = each.surplus[name];
      const ends = isInDoubt ? [least || point, most || point] : [];
      return [name, ...[each[line], point, ...ends, low, high].map(money)];
    }),
  );
}

const FACTOR_HEADINGS = ['factor', 'equity', 'margin balance', 'initial', 'maintenance', 'buffer'];

const factorTable = (each: Assessed): string =>
  tableOf(
    FACTOR_HEADINGS,
    each.factors.map((factor) => [
      factor.factor,
      ...[factor.equity, factor.marginBalance, factor.initialRequirement].map(money),
      ...[factor.maintenanceRequirement, factor.latencyLoss].map(money),
    ]),
  );

const MOVE_HEADINGS = [
  ...['factor', 'price', 'buffer covers a fall of', 'and a rise of'],
  'forecast fall, rise',
];
const LIQUIDATION_HEADINGS = ['liquidated below', 'liquidated above'];

/** How far each price may move alone. */
const moveTable = (each: Assessed): string =>
  tableOf(
    [...MOVE_HEADINGS, ...LIQUIDATION_HEADINGS],
    each.factors.map((factor) => [
      factor.factor,
      priceOf(factor, each),
      percent(factor.latencyShockDown),
      percent(factor.latencyShockUp),
      `${percent(factor.forecastShockDown)}, ${percent(factor.forecastShockUp)}`,
      liquidationText(factor, 'below'),
      liquidationText(factor, 'above'),
    ]),
  );

function priceOf({ factor }: Factor, { prices }: Assessed): string {
  const price = prices.find(({ feed }) => feed === factor)?.price;
  return price === undefined ? NONE : figure(price);
}

/** `54,000 (-10.00 %)` */
export function liquidationText({ liquidationPrice }: Factor, side: 'below' | 'above'): string {
  const found = liquidationPrice?.[side];
  if (found === undefined) return NONE;
  const move = signedPercent(found.move);
  return found.price === undefined ? move : `${figure(found.price)} (${move})`;
}

function greekTable(each: Assessed): string[] {
  const rows = each.factors.flatMap((factor) => {
    const greeks = greeksOf(factor, each);
    if (greeks === undefined) return [];
    const texts = GREEK_NAMES.map(([name]) => {
      const value = greeks[name];
      return value === undefined ? NONE : greekText(name, value);
    });
    return [[factor.factor, ...texts]];
  });
  return rows.length === 0
    ? []
    : [tableOf(['Greeks', ...GREEK_NAMES.map(([, name]) => name)], rows)];
}

const OPTION_HEADINGS = ['option', 'quantity', 'value', 'mark', 'forward', 'implied volatility'];

function optionTable({ positions = [] }: Assessed): string[] {
  if (positions.length === 0) return [];
  const rows = positions.map(
    ({ instrument, quantity, value, mark, forward, impliedVolatility }) => [
      instrument,
      figure(quantity),
      money(value),
      figure(mark),
      figure(forward),
      percent(impliedVolatility),
    ],
  );
  return [tableOf(OPTION_HEADINGS, rows)];
}

function requirementTexts(factor: Factor): string[] {
  const { portfolio = [], shortOptions = [] } = factor;
  if (portfolio.length === 0 && shortOptions.length === 0) return [];
  return [
    ...(shortOptions.length === 0 ? [] : [shortOptionTable(factor)]),
    ...portfolio.map((each) => portfolioText(factor, each)),
    ...otherRequirement(factor),
  ];
}

function shortOptionTable({ shortOptions = [] }: Factor): string {
  const rows = shortOptions.flatMap((expiry) => {
    const due = (of: { initialRequirement: string; maintenanceRequirement: string }) => [
      money(of.initialRequirement),
      money(of.maintenanceRequirement),
    ];
    const shorts = expiry.shorts.map((short) => [
      short.instrument,
      figure(short.units),
      ...due(short),
    ]);
    if (expiry.netted === undefined) return shorts;
    const when = dayOf(expiry.expiresAt);
    return [
      ...shorts,
      [`netted by expiry, ${when}`, '', ...due(expiry.netted)],
      [`required, ${when}`, '', ...due(expiry)],
    ];
  });
  return tableOf(['short option', 'units', 'initial', 'maintenance'], rows);
}

function portfolioText({ factor }: Factor, portfolio: Portfolio): string {
  const { riskClass, worst, maintenance } = portfolio;
  const { filling } = maintenance;
  const filled = worst.filling === undefined ? '' : `, ${FILLING_LABELS[filling]}`;
  return [
    `${factor}, class ${riskClass}: profit and loss by scenario${filled}; ▶ marks the worst`,
    gridOf(portfolio),
    arithmeticTable(portfolio),
  ].join('\n');
}

/** The rest: schedules, initial weights, open orders, confidence and depeg charges. */
function otherRequirement({ portfolio = [], shortOptions = [], ...factor }: Factor): string[] {
  const sum = (amounts: readonly string[]) =>
    amounts.reduce((total, each) => total + Number(each), 0);
  const initial =
    Number(factor.initialRequirement) -
    sum(portfolio.map((each) => each.initial.requirement)) -
    sum(shortOptions.map((each) => each.initialRequirement));
  const maintenance =
    Number(factor.maintenanceRequirement) -
    sum(portfolio.map((each) => each.maintenance.requirement)) -
    sum(shortOptions.map((each) => each.maintenanceRequirement));
  if (Math.max(Math.abs(initial), Math.abs(maintenance)) < 0.005) return [];
  return [
    `${factor.factor}, other requirements: initial ${money(initial)}, ` +
      `maintenance ${money(maintenance)} ` +
      '(perpetuals and futures, initial weights, open orders, charges for uncertain prices)',
  ];
}
