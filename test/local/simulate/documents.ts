import type { Evidence } from '../../../lambda/record/evidence.ts';
import { parseExactJson } from '../../../lambda/rows/numeral.ts';
import { readDocument } from '../../../local/analysis/document.ts';
import { compileDocument } from '../../../local/simulate/compile-document.ts';
import { generatedDocument } from '../../../local/simulate/generated-book.ts';
import type { LiveVolatility } from '../../../local/simulate/looks.ts';
import { BITCOIN, totalVolatility } from '../../../local/simulate/price-model.ts';
import type { SetupInput } from '../../../local/simulate/setup.ts';

export const evidenceOf = (document: object): Evidence =>
  readDocument(parseExactJson(JSON.stringify(document)));

export const compiled = (document: object) => compileDocument(evidenceOf(document));

export const LIVE: LiveVolatility = {
  initial: totalVolatility(BITCOIN),
  floor: 0.3,
  stress: 1,
  cap: 3,
  stressWeight: 0.25,
  halfLifeSeconds: 14_400,
};

export const SMALL: SetupInput = {
  document: compiled(generatedDocument({ seed: 1, accounts: 60, leverage: 8 })),
  grid: { intervals: [60, 300], confidences: [null, 0.99], executions: [0, 60] },
  model: BITCOIN,
  live: LIVE,
  seed: 7,
  hours: 6,
  collateral: 'funded',
  fundFee: 0,
};
