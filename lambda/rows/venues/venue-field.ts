import * as z from 'zod';
import { VENUE_NAMES, VENUES } from './venues.ts';

const venueField = (names: readonly string[], description: string) =>
  z.enum(names).optional().register(z.globalRegistry, { description });

const ORIGIN = 'docs/venues.md has them all, with source and date.';

export const riskVenue = venueField(
  VENUE_NAMES,
  'The margin rules that this venue publishes: the attributes of its preset, and the row’s own in ' +
    `place of those, each as a whole. ${ORIGIN}`,
);

export const assetVenue = venueField(
  VENUE_NAMES.filter((name) => VENUES.get(name)?.assets !== undefined),
  'What this venue counts the asset of this name for: the weights of its preset, and the row’s own ' +
    `in place of those. ${ORIGIN}`,
);
