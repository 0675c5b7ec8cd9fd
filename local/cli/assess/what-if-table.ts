import type { Assessment } from '../../analysis/assess-document.ts';
import type { TradeAcceptance } from '../../analysis/trade-acceptance.ts';
import type { WhatIf } from '../../analysis/what-if.ts';
import type { Withdrawal } from '../../analysis/withdrawal.ts';
import { tableOf } from '../table.ts';
import { liquidationText } from './explain.ts';
import {
  type Assessed,
  type Factor,
  figure,
  isAssessed,
  money,
  NONE,
  nameOf,
  percent,
} from './format.ts';
import { GREEK_NAMES, greeksOf, greekText } from './greeks.ts';

type Comparison = Omit<WhatIf, 'faults'>;

export function whatIfText({ before, after, orders, acceptance }: Comparison): string {
  const tables = before.map((each, index) => comparison(each, after[index] ?? each));
  const answers = acceptance.map((each) => acceptanceText(each, orders));
  return [...orders.map(orderText), ...answers, ...tables].join('\n');
}

/** `desk: REJECTED: …; the most that would be accepted is 12.5 % (0.25 BTC-PERP)` */
function acceptanceText(each: TradeAcceptance, orders: Comparison['orders']): string {
  const { isAccepted, why, most } = each;
  const answer = `${nameOf(each)}: ${isAccepted ? 'accepted' : 'REJECTED'}: ${why}`;
  if (isAccepted) return answer;
  const own = orders.filter((order) => nameOf(order) === nameOf(each));
  const quantities = most.quantities.map((quantity, index) => {
    const order = own[index];
    return order === undefined ? quantity : `${quantity} ${marketOf(order)}`;
  });
  if (most.quantities.every((quantity) => quantity === '0')) {
    return `${answer}; no part of it would be accepted`;
  }
  return `${answer}; the most that would be accepted is ${percent(most.fraction)}: ${quantities.join(', ')}`;
}

export function withdrawalText({ before, after, withdrawal }: Omit<Withdrawal, 'faults'>): string {
  const { isAccepted, why, amount, most, asset, location } = withdrawal;
  const unit = location === undefined ? asset : `${asset}@${location}`;
  const answer = isAccepted ? 'accepted' : 'REJECTED';
  return [
    `${withdrawal.accountId}: withdraw ${amount} ${unit}: ${answer}: ${why}`,
    `The most that may be withdrawn is ${most} ${unit}.`,
    comparison(before, after),
  ].join('\n');
}

const marketOf = (order: Comparison['orders'][number]): string =>
  'instrument' in order ? order.instrument : order.asset;

/** `desk: sell 2 BTC-PERP at 60,000, resting` */
function orderText(order: Comparison['orders'][number]): string {
  const { accountId, side, quantity, price } = order;
  const market = marketOf(order);
  const isOpen = 'open' in order && order.open;
  return `${accountId}: ${side} ${figure(quantity)} ${market} at ${figure(price)}${isOpen ? ', resting' : ''}`;
}

type Row = readonly [name: string, before: string, after: string, change: string];

function comparison(before: Assessment, after: Assessment): string {
  const rows = isAssessed(before) && isAssessed(after) ? figureRows(before, after) : [];
  const reasons = after.reasons.map(({ detail }) => `${nameOf(after)}: ${detail}`);
  const table = tableOf(
    [nameOf(before), 'before', 'after', 'change'],
    [levelRow(before, after), ...rows],
  );
  return [table, ...reasons].join('\n');
}

const levelRow = (before: Assessment, after: Assessment): Row => [
  'level',
  before.level ?? before.certainty,
  after.level ?? after.certainty,
  before.level === after.level ? '' : 'changed',
];

const AMOUNTS: readonly (readonly [string, (each: Assessed) => string])[] = [
  ['equity', ({ equity }) => equity],
  ['margin balance', ({ marginBalance }) => marginBalance],
  ['initial', ({ initialRequirement }) => initialRequirement],
  ['maintenance', ({ maintenanceRequirement }) => maintenanceRequirement],
  ['buffer', ({ latencyBuffer }) => latencyBuffer],
  ['liquidation surplus', ({ surplus }) => surplus.liquidation.point],
  ['call surplus', ({ surplus }) => surplus.call.point],
  ['restore surplus', ({ surplus }) => surplus.restore.point],
];

function figureRows(before: Assessed, after: Assessed): Row[] {
  const factors = new Set([...before.factors, ...after.factors].map(({ factor }) => factor));
  return [
    ...AMOUNTS.map(([name, of]) => changeRow(name, money, [Number(of(before)), Number(of(after))])),
    radiusRow(before, after),
    ...[...factors].flatMap((factor) => factorRows(factor, before, after)),
  ];
}

function changeRow(
  name: string,
  text: (value: number) => string,
  [before, after]: readonly [number | undefined, number | undefined],
): Row {
  const change = (after ?? 0) - (before ?? 0);
  const sign = change > 0 ? '+' : '';
  return [
    name,
    before === undefined ? NONE : text(before),
    after === undefined ? NONE : text(after),
    change === 0 ? '' : `${sign}${text(change)}`,
  ];
}

function radiusRow(before: Assessed, after: Assessed): Row {
  const [left, right] = [before, after].map(({ safeRadius }) => safeRadius?.liquidation);
  const change = Number(right ?? 0) - Number(left ?? 0);
  return ['safe radius', percent(left), percent(right), pointsText(change)];
}

function pointsText(change: number): string {
  if (change === 0) return '';
  return `${change > 0 ? '+' : ''}${money(change * 100)} points`;
}

function factorRows(name: string, before: Assessed, after: Assessed): Row[] {
  const [left, right] = [before, after].map((each) => {
    const factor = each.factors.find((of) => of.factor === name);
    return { factor, greeks: factor && greeksOf(factor, each) };
  });
  const liquidation = (['below', 'above'] as const).map((side): Row => {
    const text = (factor: Factor | undefined) =>
      factor === undefined ? NONE : liquidationText(factor, side);
    return [`${name} liquidated ${side}`, text(left?.factor), text(right?.factor), ''];
  });
  const hasGreeks = left?.greeks !== undefined || right?.greeks !== undefined;
  const greeks = (hasGreeks ? GREEK_NAMES : []).map(([key, label]) =>
    changeRow(`${name} ${label}`, (value) => greekText(key, value), [
      left?.greeks?.[key],
      right?.greeks?.[key],
    ]),
  );
  return [...liquidation, ...greeks];
}
