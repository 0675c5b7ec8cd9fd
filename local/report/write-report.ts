import { writeFile } from 'node:fs/promises';
import { renderReport } from './render-report.ts';
import type { Report } from './report.ts';

export const writeReport = (file: string, report: Report): Promise<void> =>
  writeFile(file, renderReport(report));
