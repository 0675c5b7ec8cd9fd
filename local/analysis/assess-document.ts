/**
 * The core as a library: assesses a document (docs/schemas/assess-document.json), without AWS,
 * clock or environment.
 */

import { type AssessedSubAccount, assessAccount } from '../../lambda/accounts/assess-account.ts';
import { callFormulas, overMaintenance } from '../../lambda/margin/assess/formulas.ts';
import { buildBook } from '../../lambda/margin/book/build-book.ts';
import { smaller } from '../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import type { Evidence } from '../../lambda/record/evidence.ts';
import { renderOutcome } from '../../lambda/record/render.ts';
import { parseExactJson } from '../../lambda/rows/numeral.ts';
import { takenFromVenue } from '../../lambda/rows/venues/venues.ts';
import { readDocument, snapshotOf } from './document.ts';
import { liquidationMultiples } from './liquidation-price.ts';
import { safeRadius } from './safe-radius.ts';

export { PolicyError } from '../../lambda/rows/read-market.ts';
export { DocumentError } from './document.ts';

/** Amounts are decimal texts. */
export type Assessment = ReturnType<typeof renderOutcome>;

export interface DocumentAssessment {
  readonly assessments: readonly Assessment[];
  /** Why market rows could not be read. */
  readonly faults: readonly string[];
  /** Which attributes a row takes from the venue that it names. */
  readonly presets: readonly string[];
}

/**
 * @param document JSON text or its value. Give decimals as texts: a JavaScript number has lost
 * digits.
 * @throws DocumentError, PolicyError if the document or its policy is malformed, SyntaxError if a
 * text is not JSON. An unreadable row does not throw: its account is indeterminate.
 */
export function assess(document: string | object): DocumentAssessment {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  return assessEvidence(readDocument(parseExactJson(text)));
}

export function assessEvidence(evidence: Evidence): DocumentAssessment {
  const { snapshot, faults } = snapshotOf(evidence);
  const assessments = evidence.accounts
    .flatMap((account) => assessAccount(account, snapshot))
    .map((assessed) => renderSubAccount(assessed, snapshot));
  const presets = evidence.marketRows.flatMap((row) => takenFromVenue(row) ?? []);
  return { assessments, faults: faults.map(({ detail }) => detail), presets };
}

/** Adds safe radii and liquidation prices, which a check does not compute. */
export const renderSubAccount = (assessed: AssessedSubAccount, snapshot: Snapshot): Assessment =>
  renderOutcome({ ...assessed, ...distancesOf(assessed, snapshot) });

function distancesOf({ subAccount, outcome }: AssessedSubAccount, snapshot: Snapshot) {
  if (subAccount === undefined || outcome.certainty === 'indeterminate') return {};
  const built = buildBook(subAccount, snapshot);
  if (!built.ok) return {};
  const { policy } = snapshot;
  const overLiquidation = overMaintenance(policy.liquidationMultiplier);
  const surplus = outcome.surplus.liquidation.point;
  return {
    safeRadius: {
      liquidation: safeRadius(built.book, overLiquidation),
      call: callFormulas(policy)
        .map((formula) => safeRadius(built.book, formula))
        .reduce(smaller),
    },
    liquidationMultiples: liquidationMultiples(built.book, surplus, overLiquidation),
  };
}
