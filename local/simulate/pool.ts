/** Runs paths on threads. A path's result depends on its number alone. */
import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Setup } from './setup.ts';
import type { Work } from './worker.ts';

export interface PathsRequest {
  readonly setup: Setup;
  readonly work: Work;
  readonly paths: number;
  readonly workers: number;
  /** Once aborted, begun paths finish and no others begin. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** Small, so that threads end together and a stop takes effect within a second. */
const PATHS_AT_ONCE = 4;

/** TypeScript if this file is TypeScript, JavaScript if it is compiled. */
const WORKER = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);

/** @returns the rows of paths 0, 1, … without a gap: all of them, unless stopped. */
export async function runPaths(request: PathsRequest): Promise<readonly Float64Array[]> {
  const { setup, work, paths, signal, onProgress } = request;
  const rows: Float64Array[] = [];
  let [next, done] = [0, 0];
  let hasFailed = false;
  const onThread = async () => {
    const worker = new Worker(WORKER, { workerData: { setup, work } });
    try {
      while (next < paths && !signal?.aborted && !hasFailed) {
        const from = next;
        next = Math.min(from + PATHS_AT_ONCE, paths);
        worker.postMessage({ from, to: next });
        const [ran] = (await once(worker, 'message')) as [Float64Array[]];
        for (const [index, row] of ran.entries()) rows[from + index] = row;
        done += ran.length;
        onProgress?.(done);
      }
    } catch (error) {
      hasFailed = true;
      throw error;
    } finally {
      await worker.terminate();
    }
  };
  const threads = Math.min(request.workers, Math.ceil(paths / PATHS_AT_ONCE));
  await Promise.all(Array.from({ length: threads }, onThread));
  return rows;
}
