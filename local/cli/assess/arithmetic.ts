/** A requirement as a sum: factor × worst loss, and charges. */
import { FILLING_LABELS } from '../../../lambda/messages/scenario-label.ts';
import { tableOf } from '../table.ts';
import { dayOf, figure, money, type Portfolio } from './format.ts';

type Parts = Portfolio['maintenance'];
type Charge = Parts['charges'][number];

export function arithmeticTable({ maintenance, initial, worst }: Portfolio): string {
  const both = [maintenance, initial] as const;
  const row = (name: string, text: (parts: Parts) => string) => [name, ...both.map(text)];
  const names = new Set(both.flatMap(({ charges }) => charges.map(chargeName)));
  const rows = [
    ...(worst.filling === undefined ? [] : [row('open orders', fillingText)]),
    ...(both.some(takesCoin)
      ? [row('coin collateral in the scenarios', ({ collateral }) => money(collateral))]
      : []),
    row('worst loss', lossText),
    ...(both.some(isByExpiry) ? [row('expiry loss', expiryLossText)] : []),
    ...(both.some(isFloored) ? [row('delta floor', floorText)] : []),
    ...[...names].map((name) => row(name, ({ charges }) => chargeText(charges, name))),
    ...(both.some(hasMinimum) ? [row('minimum', ({ minimum }) => money(minimum))] : []),
    row('required', ({ requirement }) => money(requirement)),
  ];
  return tableOf(['requirement', 'maintenance', 'initial'], rows);
}

const fillingText = ({ filling }: Parts): string => FILLING_LABELS[filling];
const takesCoin = ({ collateral }: Parts): boolean => Number(collateral) !== 0;
const hasMinimum = ({ minimum }: Parts): boolean => Number(minimum) > 0;
const isByExpiry = ({ expiryLoss, worstLoss }: Parts): boolean =>
  Number(expiryLoss) > Number(worstLoss);
const isFloored = ({ deltaFloor, worstLoss, expiryLoss }: Parts): boolean =>
  Number(deltaFloor) > Math.max(Number(worstLoss), Number(expiryLoss));

const product = (rate: string, of: string): string =>
  `${figure(rate)} × ${money(of)} = ${money(Number(rate) * Number(of))}`;

/** Only the largest of worst loss, expiry loss and delta floor counts. */
const lossText = (parts: Parts): string =>
  isFloored(parts) || isByExpiry(parts)
    ? money(parts.worstLoss)
    : product(parts.factor, parts.worstLoss);

const expiryLossText = (parts: Parts): string =>
  isByExpiry(parts) && !isFloored(parts)
    ? product(parts.factor, parts.expiryLoss)
    : money(parts.expiryLoss);

const floorText = (parts: Parts): string =>
  isFloored(parts) ? product(parts.factor, parts.deltaFloor) : money(parts.deltaFloor);

const CHARGE_NAMES = {
  perpetuals: 'perpetuals',
  futures: 'futures',
  nakedShorts: 'naked short options',
  delta: 'net and hedged delta',
  expiry: 'expiry',
} as const;

/** `expiry 2026-01-30 08:00 #2`: the expiry's second charge */
function chargeName({ name, index = 0, expiresAt }: Charge): string {
  if (expiresAt === undefined) return CHARGE_NAMES[name];
  const place = index === 0 ? '' : ` #${index + 1}`;
  return `${CHARGE_NAMES[name]} ${dayOf(expiresAt)}${place}`;
}

function chargeText(charges: readonly Charge[], name: string): string {
  const found = charges.find((charge) => chargeName(charge) === name);
  return found === undefined ? '' : product(found.rate, found.of);
}
