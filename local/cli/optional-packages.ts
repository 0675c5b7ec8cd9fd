import { InputError } from './input.ts';

/** Packages that few commands need, so that the package does not install them. */
export interface OptionalPackages {
  readonly packages: readonly string[];
  /** Says what needs them, and what to do. */
  readonly advice: string;
}

/** @throws InputError with the advice if the modules cannot be loaded without the packages. */
export async function loadWith<T>(
  { packages, advice }: OptionalPackages,
  load: () => Promise<T>,
): Promise<T> {
  try {
    return await load();
  } catch (error) {
    throw packages.some((name) => isMissing(name, error)) ? new InputError(advice) : error;
  }
}

const isMissing = (name: string, error: unknown): boolean =>
  error instanceof Error &&
  (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND' &&
  error.message.includes(`'${name}'`);
