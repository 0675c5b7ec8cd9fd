/** Runs one day that it is sent, and tells of it. */
import { parentPort, workerData } from 'node:worker_threads';
import { comparedInterval } from '../../local/demo/intervals.ts';
import type { DemoOptions } from '../../local/demo/options.ts';
import { runDemo } from '../../local/demo/run.ts';
import { memoryServices } from '../aws/services.ts';

const options = workerData as DemoOptions;
const run = await runDemo({ services: memoryServices(), options }, (checks, time) => {
  if (checks % 360 === 0)
    console.error(`${options.intervalSeconds} s${options.hasEvents ? ', by events' : ''}: ${time}`);
});
parentPort?.postMessage(comparedInterval(run));
