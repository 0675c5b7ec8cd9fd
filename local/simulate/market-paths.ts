/** Where the prices of a run come from. */
import { blockPath, type Replay } from './block-path.ts';
import type { PriceModel } from './price-model.ts';
import { type PathRequest, type PricePath, pricePath } from './price-path.ts';

export type PriceSource =
  | { readonly kind: 'model'; readonly model: PriceModel }
  | { readonly kind: 'replay'; readonly replay: Replay };

export const pathFrom = (source: PriceSource, request: PathRequest): PricePath =>
  source.kind === 'model' ? pricePath(source.model, request) : blockPath(source.replay, request);

/** A step divides the tick of a model, and is a multiple of the spacing of rows. */
export const spacingOf = (source: PriceSource): number =>
  source.kind === 'model' ? source.model.tickSeconds : source.replay.rows.spacingSeconds;
