import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { BUNDLING, definesOf } from '../../lib/node-function.ts';

export const CHECK_ENTRY = join(import.meta.dirname, '..', '..', 'lambda', 'check.ts');

/** Bundles as the stack does. @returns bytes */
export async function bundle(entry: string, outfile: string): Promise<number> {
  const { '--line-limit': lineLimit } = BUNDLING.esbuildArgs;
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    define: definesOf(),
    platform: 'node',
    target: 'node24',
    format: BUNDLING.format,
    mainFields: [...BUNDLING.mainFields],
    minifyWhitespace: BUNDLING.esbuildArgs['--minify-whitespace'],
    minifySyntax: BUNDLING.esbuildArgs['--minify-syntax'],
    lineLimit: Number(lineLimit),
    logLevel: 'error',
  });
  return (await stat(outfile)).size;
}
