import { described } from '../fields.ts';
import * as z from '../zod.ts';
import { VENUE_NAMES, VENUES } from './venues.ts';

const venueField = (names: readonly string[], description: string) =>
  described(z.optional(z.enum(names)), description);

const ORIGIN = 'docs/venues.md lists all presets with source and date.';

export const riskVenue = venueField(
  VENUE_NAMES,
  'Margin rules that this venue publishes. The row takes the attributes of its preset, except those ' +
    `that it sets itself, each as a whole. ${ORIGIN}`,
);

export const assetVenue = venueField(
  VENUE_NAMES.filter((name) => VENUES.get(name)?.assets !== undefined),
  'Weights that this venue gives to the asset of this name. The row takes those of its preset, ' +
    `except those that it sets itself. ${ORIGIN}`,
);
