/**
 * AWS on this machine by MiniStack, for the unchanged stack. No such emulator runs on Node, so it
 * needs Python.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

export class EmulatorError extends Error {
  override readonly name = 'EmulatorError';
}

export interface Emulator {
  readonly endpoint: string;
  /** For the CDK, the AWS SDK and `margin`. */
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
  stop(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');
const CACHE = join(
  import.meta.dirname,
  '..',
  '..',
  '..',
  'node_modules',
  '.cache',
  'margin-checker',
);
const START_SECONDS_MAX = 60;
const run = promisify(execFile);

/** @throws EmulatorError without Python, the package registry or the port. */
export async function startEmulator(given: { readonly port?: number } = {}): Promise<Emulator> {
  const python = await installedPython();
  const port = given.port ?? (await freePort());
  const folder = await mkdtemp(join(tmpdir(), 'margin-emulator-'));
  const logFile = join(folder, 'ministack.log');
  const log = await open(logFile, 'w');
  const child = spawn(python, ['-m', 'ministack'], {
    env: { ...process.env, ...settingsOf(port, folder) },
    stdio: ['ignore', log.fd, log.fd],
  });
  await log.close();
  // The emulator and its folder end with this process, however it ends.
  const abandon = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', abandon);
  const stop = async () => {
    process.off('exit', abandon);
    await endOf(child);
    await rm(folder, { recursive: true, force: true });
  };
  const endpoint = endpointAt(port);
  try {
    await untilReady(endpoint, child);
  } catch {
    const said = (await readFile(logFile, 'utf8')).trim().split('\n').at(-1);
    await stop();
    throw new EmulatorError(`the emulator did not start on port ${port}: ${said}`);
  }
  return { endpoint, environment: environmentOf(endpoint), logFile, stop };
}

const endpointAt = (port: number): string => `http://${LOOPBACK}:${port}`;

/** The function runs on this process's Node; everything stays on this machine. */
const settingsOf = (port: number, folder: string) => ({
  PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  GATEWAY_PORT: String(port),
  BIND_HOST: LOOPBACK,
  MINISTACK_HOST: LOOPBACK,
  TMPDIR: folder,
  STATE_DIR: folder,
  S3_DATA_DIR: join(folder, 's3'),
  AWS_ENDPOINT_URL: endpointAt(port),
});

const environmentOf = (endpoint: string) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  CDK_DEFAULT_ACCOUNT: '000000000000',
  CDK_DEFAULT_REGION: 'us-east-1',
});

async function installedPython(): Promise<string> {
  const folder = join(CACHE, 'emulator');
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const wanted = await readFile(REQUIREMENTS, 'utf8');
  const mark = join(folder, 'installed.txt');
  if (existsSync(mark) && (await readFile(mark, 'utf8')) === wanted) return python;
  await rm(folder, { recursive: true, force: true });
  await mkdir(CACHE, { recursive: true });
  await must('python3', ['-m', 'venv', folder], {
    missing: 'python3 is missing: install Python 3.10 or later; only the emulator needs it',
    failed: 'python3 cannot make a virtual environment (on Debian: apt install python3-venv)',
  });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  await must(python, [...pip, '--requirement', REQUIREMENTS], {
    missing: 'the virtual environment has no python',
    failed: 'pip cannot install MiniStack: check that the Python package registry can be reached',
  });
  await writeFile(mark, wanted);
  return python;
}

async function must(
  command: string,
  commandArguments: readonly string[],
  words: { readonly missing: string; readonly failed: string },
): Promise<void> {
  try {
    await run(command, commandArguments);
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT') throw new EmulatorError(words.missing);
    const reason = stderr?.trim().split('\n').at(-1) ?? error;
    throw new EmulatorError(`${words.failed} (${reason})`);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, LOOPBACK, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function untilReady(endpoint: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_SECONDS_MAX * 1000;
  while (Date.now() < until) {
    if (child.exitCode !== null) break;
    const answer = await fetch(`${endpoint}/_ministack/health`).catch(() => undefined);
    if (answer?.ok) return;
    await delay(200);
  }
  throw new Error('not ready');
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const isEnded = await Promise.race([ended.then(() => true), delay(10_000, false)]);
  if (!isEnded) child.kill('SIGKILL');
  await ended;
}
