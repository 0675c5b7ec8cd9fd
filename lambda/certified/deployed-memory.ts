/** Makes the memory of a deployed function with certificates. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { accountsStream, checkpointBucket } from '../aws/certificate-services.ts';
import { CODE_VERSION } from '../version.ts';
import { CertifiedMemory, type MemoryInput } from './certified-memory.ts';

/** The bundle's own name, which only a bundle has. */
declare const __filename: string | undefined;

export function deployedMemory(
  input: Pick<MemoryInput, 'accounts' | 'stopwatch'>,
  { streamArn, bucket }: { readonly streamArn: string; readonly bucket?: string | undefined },
): CertifiedMemory {
  const code = bundledCode();
  return new CertifiedMemory({
    ...input,
    stream: accountsStream(streamArn),
    ...(bucket && code && { kept: { objects: checkpointBucket(bucket), code } }),
  });
}

/** Two builds of one version may make different certificates. Undefined outside a bundle. */
function bundledCode(): string | undefined {
  if (typeof __filename === 'undefined') return undefined;
  return `${CODE_VERSION} ${createHash('sha256').update(readFileSync(__filename)).digest('hex')}`;
}
