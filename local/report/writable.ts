import { open } from 'node:fs/promises';

export class ReportError extends Error {
  override readonly name = 'ReportError';
}

/** Call before minutes of work. @throws ReportError */
export async function assertWritable(file: string): Promise<void> {
  try {
    await (await open(file, 'a')).close();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ReportError(
      `the report cannot be written to ${file} (${code}); name another file with --report`,
    );
  }
}
