import { parentPort, workerData } from 'node:worker_threads';
import { pilotPath } from './equal-capital.ts';
import { runPath } from './run-path.ts';
import type { Setup } from './setup.ts';

export interface PathRange {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** pilot: the mean buffers by scale; run: the figures. */
export type Work = 'pilot' | 'run';

const { setup, work } = workerData as { readonly setup: Setup; readonly work: Work };
const along = work === 'pilot' ? pilotPath : runPath;

parentPort?.on('message', ({ from, to }: PathRange) => {
  const rows = Array.from({ length: to - from }, (_, index) => along(setup, from + index));
  parentPort?.postMessage(rows);
});
