/**
 * `npm run pictures`: draws the pictures of README.md, docs/interval.md and docs/runbook.md. The same
 * versions give the same pictures. `-- --start` draws that of the README alone, in a minute;
 * `-- --simulate` those of the simulation; `-- --day` those of the whole day; `-- --costs` those of the
 * runbook, from measured checks, at once.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { startServices } from '../aws/services.ts';
import { startProgress } from '../cli/progress.ts';
import { simulateBy } from '../cli/simulate.ts';
import { parseDemoOptions } from '../demo/options.ts';
import { toldDay } from '../demo/report/day.ts';
import { reportOf } from '../demo/report/demo-report.ts';
import { resultOf } from '../demo/result.ts';
import { checksIn, runDemo } from '../demo/run.ts';
import { closingSentences, openingSentence } from '../demo/sentences.ts';
import { draw, FRAMES } from '../report/draw.ts';
import type { Chart, Report } from '../report/report.ts';
import { TONES } from '../report/tones.ts';
import { simulateOptions } from '../simulate/options.ts';
import { simulationReport } from '../simulate/report.ts';
import { FRONTIER_TITLE, INTERVALS_TITLE } from '../simulate/report-charts.ts';
import CALM_CHECKS from './calm-checks.json' with { type: 'json' };
import { costByInterval, costBySize, timeOfCheck } from './cost-charts.ts';
import { startPicture } from './start-picture.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'pictures');

const STYLE = Object.entries({ ...TONES, page: { light: '#fff' }, edge: { light: '#d9dfe7' } })
  .map(([name, { light }]) => `--${name}:${light}`)
  .join(';');

/** Standalone on white, as a document has no page style to define the colours. */
function svgOf({ title, reading, plot }: Chart): string {
  if (plot === undefined) throw new Error(`${title}: there is nothing to draw`);
  const { width, height, content } = draw(plot(FRAMES.wide));
  const font = 'font-family="system-ui,sans-serif" font-size="12" text-anchor="middle"';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" fill="#1b2430" ${font} role="img" style="${STYLE}">
<title>${escaped(`${title}. ${reading}`)}</title>
<rect width="100%" height="100%" fill="#fff"/>
${content}
</svg>
`;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function chartTitled({ sections }: Report, title: string): Chart {
  const found = sections
    .flatMap(({ charts = [] }) => charts)
    .find((each) => each.title.startsWith(title));
  if (found === undefined) throw new Error(`no chart is titled ${title}`);
  return found;
}

async function demo(words: readonly string[]) {
  const options = parseDemoOptions(words);
  const services = await startServices();
  const progress = startProgress({ total: checksIn(options), unit: 'checks' });
  try {
    const run = await runDemo({ services, options }, progress.advance);
    const day = toldDay(run);
    return {
      options,
      report: reportOf(run, { day, runs: [], intervals: [] }),
      closing: closingSentences(resultOf(run), day),
    };
  } finally {
    progress.stop();
    await services.close();
  }
}

async function startSvg(): Promise<string> {
  const { options, report, closing } = await demo([]);
  const chart = chartTitled(report, 'BTC-USD with margin calls, order plans and deficits');
  return startPicture({ opening: openingSentence(options), closing, chart, style: STYLE });
}

async function simulatedPictures(): Promise<Record<string, string>> {
  const report = simulationReport(await simulateBy(simulateOptions([])));
  return {
    'frontier.svg': svgOf(chartTitled(report, FRONTIER_TITLE)),
    'intervals.svg': svgOf(chartTitled(report, INTERVALS_TITLE)),
  };
}

async function demoPictures(): Promise<Record<string, string>> {
  const { report: day } = await demo(['--hours', 'all', '--accounts', '500']);
  const charts = {
    'overshoot.svg': chartTitled(day, 'How far beyond the line accounts were found'),
    'exceedances.svg': chartTitled(day, 'Losses beyond the line, and the buffer held for them'),
  };
  return Object.fromEntries(Object.entries(charts).map(([name, chart]) => [name, svgOf(chart)]));
}

function costPictures(): Record<string, string> {
  return {
    'costs.svg': svgOf(costBySize(CALM_CHECKS)),
    'costs-by-interval.svg': svgOf(costByInterval(CALM_CHECKS)),
    'time-of-check.svg': svgOf(timeOfCheck(CALM_CHECKS)),
  };
}

const only = new Command('pictures')
  .option('--start', 'only the picture of npm start')
  .option('--simulate', 'only the pictures of margin simulate')
  .option('--day', 'only those of the whole day')
  .option('--costs', 'only those of the costs')
  .parse()
  .opts<{ start?: boolean; simulate?: boolean; day?: boolean; costs?: boolean }>();
const isAll = !Object.values(only).some(Boolean);
const pictures = {
  ...(isAll || only.start ? { 'start.svg': await startSvg() } : {}),
  ...(isAll || only.simulate ? await simulatedPictures() : {}),
  ...(isAll || only.day ? await demoPictures() : {}),
  ...(isAll || only.costs ? costPictures() : {}),
};
await mkdir(FOLDER, { recursive: true });
for (const [name, picture] of Object.entries(pictures)) {
  await writeFile(join(FOLDER, name), picture);
  console.log(`docs/pictures/${name}: ${picture.match(/<title>([^<]*)/)?.[1]}`);
}
