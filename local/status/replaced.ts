/** Attributes of market rows that still work and have a better replacement. */
import { keyText, type RawRow } from '../../lambda/rows/raw-row.ts';

const REPLACED: readonly { kind: string; attribute: string; by: string }[] = [
  {
    kind: 'policy',
    attribute: 'shockQuantile',
    by: 'shockConfidence, such as 0.99, from which the quantile follows',
  },
];

export const replacedAttributes = (rows: readonly RawRow[]): string[] =>
  REPLACED.flatMap(({ kind, attribute, by }) =>
    rows
      .filter((row) => row.kind === kind && row[attribute] !== undefined)
      .map(({ id }) => `market ${kind}/${keyText(id)}: ${attribute} still works; use ${by}`),
  );
