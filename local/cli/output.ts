import { assertWritable, ReportError } from '../report/writable.ts';
import { InputError } from './input.ts';
import { loadWith } from './optional-packages.ts';

export const FINDING = 1;
export const BAD_INPUT = 2;

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

const CHARTS = {
  packages: ['@observablehq/plot', 'linkedom'],
  advice: '--report draws charts: npm install @observablehq/plot linkedom',
};

/**
 * Call before minutes of work.
 * @throws InputError when the requested report cannot be drawn, or its file cannot be written.
 */
export async function askedReport({ report }: { readonly report?: string }): Promise<void> {
  if (report === undefined) return;
  await loadWith(CHARTS, () => import('../report/draw.ts'));
  try {
    await assertWritable(report);
  } catch (error) {
    throw error instanceof ReportError ? new InputError(error.message) : error;
  }
}

export const note = (text: string): void => {
  process.stderr.write(`margin: ${text}\n`);
};

/** `unaccounted` is above 0 if the scan broke off. */
export function accountsLine(counts: {
  readonly accounts: number;
  readonly assessed: number;
  readonly indeterminate: number;
  readonly failed: number;
  readonly unaccounted: number;
}): string {
  const { accounts, assessed, indeterminate, failed, unaccounted } = counts;
  const lost = unaccounted === 0 ? '' : ` + ${unaccounted} unaccounted`;
  return `${accounts} = ${assessed} assessed + ${indeterminate} indeterminate + ${failed} failed${lost}`;
}
