/** Tries out the seeds that it is given, and tells of each. */
import { parentPort, workerData } from 'node:worker_threads';
import { tryOut } from './trial.ts';

const { seeds, minutes, seconds } = workerData as {
  readonly seeds: readonly number[];
  readonly minutes: number;
  /** No other history begins after so long. */
  readonly seconds: number;
};

const end = performance.now() + seconds * 1000;
for (const seed of seeds) {
  if (performance.now() > end) break;
  parentPort?.postMessage(await tryOut(seed, minutes));
}
