/** The commands as a user types them. */
import { type ExecFileException, execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

async function command(
  program: string,
  given: readonly string[],
  findings: readonly number[] = [],
): Promise<string> {
  try {
    const { stdout } = await run(program, given, { cwd: ROOT, maxBuffer: OUTPUT_BYTES_MAX });
    return stdout;
  } catch (error) {
    const {
      stdout = '',
      stderr = '',
      code,
    } = error as Partial<ExecFileException> & {
      readonly stdout?: string;
      readonly stderr?: string;
    };
    if (findings.includes(Number(code))) return stdout;
    throw new Error(`${program} ${given.join(' ')} failed:\n${stdout}\n${stderr}`);
  }
}

/** Runs the CDK of this project, with its output in a temporary place. */
export async function cdk(...given: readonly string[]): Promise<string> {
  const output = await mkdtemp(join(tmpdir(), 'margin-cdk-'));
  try {
    return await command('npx', ['cdk', ...given, '--output', output]);
  } finally {
    await rm(output, { recursive: true, force: true });
  }
}

export const margin = (...given: readonly string[]): Promise<string> =>
  command('npx', ['margin', ...given]);

/** Its exit code is 1 while it needs attention. */
export const marginStatus = (): Promise<string> => command('npx', ['margin', 'status'], [1]);
