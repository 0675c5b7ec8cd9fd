import { parentPort, workerData } from 'node:worker_threads';
import { runPath } from './run-path.ts';
import type { Setup } from './setup.ts';

export interface PathRange {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

const setup = workerData as Setup;

parentPort?.on('message', ({ from, to }: PathRange) => {
  const rows = Array.from({ length: to - from }, (_, index) => runPath(setup, from + index));
  parentPort?.postMessage(rows);
});
