import { visible } from '../../lambda/messages/visible.ts';
import { assertWritable, ReportError } from '../report/writable.ts';
import { InputError } from './input.ts';
import { loadWith } from './optional-packages.ts';
import { jsonOf, visibleTexts } from './visible-texts.ts';

export const FINDING = 1;
export const BAD_INPUT = 2;

/** @param render is given `data` with visible texts only: line breaks and escapes are its own */
export const print = <T>(data: T, render: (data: T) => string): void =>
  printLine(render(visibleTexts(data)));

export const printJson = (value: unknown): void => printLine(jsonOf(value, 2));

/** As it is. */
export const printLine = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

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

/** One line, whatever the text quotes. */
export const note = (text: string): void => {
  process.stderr.write(`margin: ${visible(text.replace(/\s+/g, ' '))}\n`);
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
