import type { Evidence } from '../../../lambda/record/evidence.ts';
import { parseExactJson } from '../../../lambda/rows/numeral.ts';
import { readDocument } from '../../../local/analysis/document.ts';
import { compileDocument } from '../../../local/simulate/compile-document.ts';
import { generatedDocument } from '../../../local/simulate/generated-book.ts';
import { BITCOIN } from '../../../local/simulate/price-model.ts';
import type { PriceRows } from '../../../local/simulate/price-rows.ts';
import type { SetupInput } from '../../../local/simulate/setup.ts';

export const evidenceOf = (document: object): Evidence =>
  readDocument(parseExactJson(JSON.stringify(document)));

export const compiled = (document: object) => compileDocument(evidenceOf(document));

export const SMALL: SetupInput = {
  document: compiled(generatedDocument({ seed: 1, accounts: 60, leverage: 8 })),
  grid: { intervals: [60, 300], confidences: [null, 0.99], executions: [0, 60] },
  source: { kind: 'model', model: BITCOIN },
  stress: { stress: 1, stressWeight: 0 },
  seed: 7,
  hours: 6,
  collateral: 'funded',
  fundFee: 0,
};

/** A minute each, without moves beyond the ends. */
export function rowsOf(moves: Float64Array): PriceRows {
  return {
    spacingSeconds: 60,
    moves,
    falls: moves.map((move) => Math.max(0, -move)),
    rises: moves.map((move) => Math.max(0, move)),
    segments: [{ from: 0, until: moves.length }],
    read: moves.length,
  };
}
