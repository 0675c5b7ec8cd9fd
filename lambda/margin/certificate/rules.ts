/** The rules that a certificate rests on, as a text that differs if one of them does. */
import type { Snapshot } from '../snapshot/snapshot.ts';

/** `instrument <id>` or `asset <id>`. */
export type Subject = `instrument ${string}` | `asset ${string}`;

/** Every account rests on these. */
export const rulesOfAll = (snapshot: Snapshot): string =>
  JSON.stringify([snapshot.policy, rulesOf(`asset ${snapshot.policy.numeraire}`, snapshot)]);

/** Undefined if it cannot be read. Prices and shocks are left out: columns follow them. */
export function rulesOf(subject: Subject, { instruments, assets }: Snapshot): string | undefined {
  const [kind = '', ...rest] = subject.split(' ');
  const id = rest.join(' ');
  if (kind === 'asset') {
    const found = assets.get(id);
    if (!found?.ok) return undefined;
    const { weights, borrowRatePerHour, confidenceCharges, quoted } = found.value;
    return JSON.stringify([weights, borrowRatePerHour, confidenceCharges, quoted?.price.feed]);
  }
  const found = instruments.get(id);
  if (!found?.ok || found.value.kind !== 'linear') return undefined;
  const { contractSize, type, isInverse, expiresAt, schedule, settlement, quoted, ofClass } =
    found.value;
  const { by, asset } = settlement;
  const { margin, phaseIn, requirementPlaces, dynamic } = ofClass.riskClass;
  const { confidenceCharges, depegCharge, openOrderCharge } = ofClass.riskClass;
  const charges = { confidenceCharges, depegCharge, openOrderCharge };
  const rules = { margin, phaseIn, requirementPlaces, dynamic, ...charges };
  const settled = [by, asset.asset, asset.quoted?.price.feed];
  const terms = { contractSize, type, isInverse, expiresAt, schedule, settled };
  return JSON.stringify([terms, quoted.price.feed, quoted.factor.feed, asset.weights, rules]);
}
