import Table from 'cli-table3';
import type { Command } from 'commander';
import type { Evidence } from '../../lambda/record/evidence.ts';
import type { AccountRows, RawRow } from '../../lambda/rows/raw-row.ts';
import type { VenuePreset } from '../../lambda/rows/venues/preset.ts';
import { MUST_BE_A_VENUE, VENUES } from '../../lambda/rows/venues/venues.ts';
import { InputError } from './input.ts';
import { print, printJson } from './output.ts';

export function declareVenues(program: Command): void {
  program
    .command('venues')
    .summary('list the margin rules of venues')
    .description(
      'List the margin rules that venues publish. To use one, put its name in a row as `venue` ' +
        '(docs/venues.md).',
    )
    .argument('[name]', 'print the attributes of this venue as JSON')
    .option('--json', 'print all venues as JSON')
    .action((name: string | undefined, options: { json?: boolean }) => {
      if (name !== undefined) printJson(presetNamed(name));
      else if (options.json) printJson([...VENUES.values()]);
      else print(undefined, venueTable);
    });
}

function presetNamed(name: string): VenuePreset {
  const preset = VENUES.get(name);
  if (preset === undefined) throw new InputError(`venue ${name}: ${MUST_BE_A_VENUE}`);
  return preset;
}

function venueTable(): string {
  const table = new Table({
    head: ['venue', 'model', 'date', 'rules'],
    colWidths: [26, 11, 12, 46],
    style: { head: [], border: [], compact: true },
    wordWrap: true,
  });
  for (const { name, model, date, title } of VENUES.values()) {
    table.push([name, model, date, title]);
  }
  return `${table.toString()}\nmargin venues <name> prints the attributes of one, and its source`;
}

/** A preset replaces these in all risk classes. */
const RULES: ReadonlySet<string> = new Set([
  'margin',
  'notionalAt',
  'profit',
  'optionRule',
  'portfolio',
  'confidenceCharges',
  'depegCharge',
  'openOrderCharge',
  'dynamic',
  'requirementPlaces',
]);

const WEIGHTS: ReadonlySet<string> = new Set([
  'collateralWeight',
  'initialCollateralWeight',
  'liabilityWeight',
  'initialLiabilityWeight',
  'sizeScaling',
  'initialSizeScaling',
  'weightPlaces',
  'weightScaleStart',
]);

/**
 * Applies the venue's rules to every class, its weights to the assets it lists, its policy
 * attributes, and its model to every account.
 * @throws InputError for an unknown venue
 */
export function takenOn(name: string | undefined, evidence: Evidence): Evidence {
  if (name === undefined) return evidence;
  const preset = presetNamed(name);
  return {
    ...evidence,
    marketRows: evidence.marketRows.map((row) => rowOn(preset, row)),
    accounts: evidence.accounts.map((account) => accountOn(preset, account)),
  };
}

function rowOn({ name: venue, assets = {}, policy }: VenuePreset, row: RawRow): RawRow {
  if (row.kind === 'risk') return { ...without(RULES, row), venue };
  if (row.kind === 'policy') return { ...row, ...policy };
  const isWeighed = row.kind === 'asset' && Object.hasOwn(assets, String(row.id));
  return isWeighed ? { ...without(WEIGHTS, row), venue } : row;
}

const without = (names: ReadonlySet<string>, row: RawRow): RawRow =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !names.has(name)));

function accountOn({ model }: VenuePreset, { accountId, rows }: AccountRows): AccountRows {
  const isProfile = ({ item }: RawRow) => item === 'profile';
  const profile = rows.find(isProfile) ?? { accountId, item: 'profile' };
  const others = rows.filter((row) => !isProfile(row));
  return { accountId, rows: [{ ...profile, marginModel: model }, ...others] };
}
