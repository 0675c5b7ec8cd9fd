/** All presets by name, and how a row takes the attributes of the one it names. */
import { keyText, type RawRow, withoutAbsent } from '../raw-row.ts';
import { AAVE } from './aave.ts';
import { BINANCE } from './binance.ts';
import { BITMEX } from './bitmex.ts';
import { BYBIT } from './bybit.ts';
import { DERIBIT } from './deribit.ts';
import { DERIVE } from './derive.ts';
import { DRIFT } from './drift.ts';
import { DYDX } from './dydx.ts';
import { HYPERLIQUID } from './hyperliquid.ts';
import { LISTED } from './listed.ts';
import { OKX } from './okx.ts';
import { PARADEX } from './paradex.ts';
import type { VenuePreset } from './preset.ts';
import { VELOCITY } from './velocity.ts';

export const VENUES: ReadonlyMap<string, VenuePreset> = new Map(
  [
    ...DERIBIT,
    ...DERIVE,
    ...DYDX,
    ...DRIFT,
    ...VELOCITY,
    ...HYPERLIQUID,
    ...BINANCE,
    ...OKX,
    ...BYBIT,
    ...BITMEX,
    ...PARADEX,
    ...AAVE,
    ...LISTED,
  ].map((preset) => [preset.name, preset]),
);

export const VENUE_NAMES: readonly string[] = [...VENUES.keys()];

export const MUST_BE_A_VENUE = `must be one of ${VENUE_NAMES.join(', ')}`;

/**
 * The row, with its venue's attributes wherever it has none of its own; attributes are not merged.
 * `_venue` replaces `venue`. Unchanged if the preset has nothing for the row.
 */
export function laidOut(row: RawRow): RawRow {
  const attributes = attributesFor(row);
  if (attributes === undefined) return row;
  const { venue, ...own } = row;
  return { ...attributes, ...withoutAbsent(own), _venue: venue };
}

function attributesFor({ kind, id, venue }: RawRow): RawRow | undefined {
  if (typeof venue !== 'string') return undefined;
  const preset = VENUES.get(venue);
  if (kind === 'risk') return preset?.risk;
  const assets = kind === 'asset' ? (preset?.assets ?? {}) : {};
  return Object.hasOwn(assets, keyText(id)) ? assets[keyText(id)] : undefined;
}

/** Says what the row takes from its venue: `risk BTC takes margin from dydx-v4-large-cap`. */
export function takenFromVenue(row: RawRow): string | undefined {
  const attributes = attributesFor(row);
  if (attributes === undefined) return undefined;
  const own = withoutAbsent(row);
  const names = Object.keys(attributes).filter((name) => !Object.hasOwn(own, name));
  const what = names.length === 0 ? 'nothing' : names.join(', ');
  return `${keyText(row.kind)} ${keyText(row.id)} takes ${what} from ${keyText(row.venue)}`;
}

/** The fault of a row that still has `venue` after `laidOut`. */
export function venueFault({ kind, id, venue }: RawRow): string | undefined {
  if (venue === undefined || venue === null || (kind !== 'risk' && kind !== 'asset'))
    return undefined;
  const preset = VENUES.get(keyText(venue));
  if (preset === undefined) return `venue ${MUST_BE_A_VENUE}`;
  const assets = Object.keys(preset.assets ?? {});
  const known = assets.length === 0 ? '' : `, only for ${assets.join(', ')}`;
  return `venue ${preset.name} has no weights for ${keyText(id)}${known}`;
}
