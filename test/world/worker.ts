/** Tries out each seed that it is sent, and tells of it. */
import { parentPort, workerData } from 'node:worker_threads';
import { tryOut } from './trial.ts';

const { minutes } = workerData as { readonly minutes: number };

parentPort?.on('message', async (seed: number) => {
  parentPort?.postMessage(await tryOut(seed, minutes));
});
