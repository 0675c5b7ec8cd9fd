/** "The row takes the attributes of its preset, except those that it sets itself." */
import { marshall } from '@aws-sdk/util-dynamodb';
import type { Item } from '../../lambda/aws/attribute-values.ts';
import type { RawRow } from '../../lambda/rows/raw-row.ts';
import { VENUES } from '../../lambda/rows/venues/venues.ts';
import { textIn } from './items.ts';

/** Undefined if the row names a venue that has nothing for it. */
export function withPreset(item: Item): Item | undefined {
  const kind = textIn(item, 'kind');
  const venue = textIn(item, 'venue');
  if ((kind !== 'asset' && kind !== 'risk') || venue === undefined) return item;
  const preset = VENUES.get(venue);
  const asset = textIn(item, 'id') ?? '';
  const assets = new Map(Object.entries(preset?.assets ?? {}));
  const attributes: RawRow | undefined = kind === 'risk' ? preset?.risk : assets.get(asset);
  return attributes && { ...marshall(attributes, { removeUndefinedValues: true }), ...item };
}
