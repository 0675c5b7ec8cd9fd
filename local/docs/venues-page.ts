/** The table of presets in docs/venues.md. `npm run schemas` writes it; a test compares. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { VenuePreset } from '../../lambda/rows/venues/preset.ts';
import { VENUES } from '../../lambda/rows/venues/venues.ts';

export const VENUES_PAGE = join(import.meta.dirname, '../../docs/venues.md');
const MARK = '<!-- npm run schemas writes everything below this line: do not edit it -->\n';

/** @throws Error without the marker. */
export function withPresets(page: string): string {
  const [above, ...rest] = page.split(MARK);
  if (above === undefined || rest.length !== 1) throw new Error(`docs/venues.md needs ${MARK}`);
  const sections = [...VENUES.values()].map(sectionOf);
  return `${above}${MARK}\n${tableOf([...VENUES.values()])}\n${sections.join('\n')}`;
}

const shown = (value: unknown): string =>
  typeof value === 'string' ? value : `\`${JSON.stringify(value)}\``;

const tableOf = (presets: readonly VenuePreset[]): string =>
  [
    '| venue | rules | model | date |',
    '|---|---|---|---|',
    ...presets.map(
      ({ name, title, model, date }) => `| [${name}](#${name}) | ${title} | ${model} | ${date} |`,
    ),
    '',
  ].join('\n');

function sectionOf(preset: VenuePreset): string {
  const { name, title, source, date, assets = {}, policy = {}, left, unsaid } = preset;
  const weights = Object.keys(assets);
  return [
    `### ${name}`,
    '',
    `${title}. As of ${date}: ${source}.`,
    ...(weights.length === 0 ? [] : [`Has collateral weights for ${weights.join(', ')}.`]),
    ...Object.entries(policy).map(
      ([rule, value]) => `Its policy sets \`${rule}\` to ${shown(value)}.`,
    ),
    '',
    ...left.map((what) => `- you set: ${what}`),
    ...unsaid.map((what) => `- not covered: ${what}`),
    '',
  ].join('\n');
}

if (import.meta.main) {
  await writeFile(VENUES_PAGE, withPresets(await readFile(VENUES_PAGE, 'utf8')));
}
