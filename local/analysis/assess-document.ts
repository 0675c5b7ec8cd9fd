/**
 * The core as a library: a document in, its assessments out; no AWS, no clock, no environment.
 * What a document holds is in docs/schemas/assess-document.json.
 */

import { type AssessedSubAccount, assessAccount } from '../../lambda/accounts/assess-account.ts';
import { callFormulas, overMaintenance } from '../../lambda/margin/assess/assess.ts';
import { buildBook } from '../../lambda/margin/book/book.ts';
import { smaller } from '../../lambda/margin/number/decimal.ts';
import type { Snapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import type { Evidence } from '../../lambda/record/evidence.ts';
import { renderOutcome } from '../../lambda/record/render.ts';
import { parseExactJson } from '../../lambda/rows/numeral.ts';
import { readDocument, snapshotOf } from './document.ts';
import { liquidationMultiples } from './liquidation-price.ts';
import { safeRadius } from './safe-radius.ts';

export { PolicyError } from '../../lambda/rows/read-market.ts';
export { DocumentError } from './document.ts';

/** Of one account, or one of its isolated positions: every amount a decimal text. */
export type Assessment = ReturnType<typeof renderOutcome>;

export interface DocumentAssessment {
  readonly assessments: readonly Assessment[];
  /** Market rows that could not be read. */
  readonly faults: readonly string[];
}

/**
 * @param document JSON, or what JSON would hold. Decimals are best given as texts: a number of
 *   JavaScript has lost its digits before it comes here, while a number in a JSON text has not.
 * @throws DocumentError when it is not such a document, PolicyError when its policy is malformed;
 *   SyntaxError when it is a text that is not JSON. A row that cannot be read is no error: its
 *   account is indeterminate, with the reason.
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
  return { assessments, faults: faults.map(({ detail }) => detail) };
}

/** With what a check does not look for: how far each price is from doing harm. */
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
