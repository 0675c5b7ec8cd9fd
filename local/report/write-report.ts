/** A report on its way to a file. */
import { open, writeFile } from 'node:fs/promises';
import { renderReport } from './render-report.ts';
import type { Report } from './report.ts';

/** Thrown when there is nowhere to write the report. */
export class ReportError extends Error {
  override readonly name = 'ReportError';
}

/** To be asked before minutes of work. @throws ReportError */
export async function assertWritable(file: string): Promise<void> {
  try {
    await (await open(file, 'a')).close();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ReportError(
      `the report cannot be written to ${file} (${code}); give --report <file>`,
    );
  }
}

export const writeReport = (file: string, report: Report): Promise<void> =>
  writeFile(file, renderReport(report));
