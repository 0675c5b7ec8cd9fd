/** What a deployed function with certificates keeps. Loaded by no other function. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { accountsStream, checkpointBucket } from '../aws/certificate-services.ts';
import { CODE_VERSION } from '../version.ts';
import { CertifiedMemory, type MemoryInput } from './certified-memory.ts';

export function deployedMemory(
  input: Pick<MemoryInput, 'accounts' | 'stopwatch'>,
  {
    streamArn,
    bucket,
    bundle,
  }: { readonly streamArn: string; readonly bucket?: string | undefined; readonly bundle: string },
): CertifiedMemory {
  const code = codeIn(bundle);
  return new CertifiedMemory({
    ...input,
    stream: accountsStream(streamArn),
    ...(bucket && code && { kept: { objects: checkpointBucket(bucket), code } }),
  });
}

/**
 * Two builds of one version may make different certificates, so a checkpoint has the digest of the
 * bundle. Undefined where there is none: nothing is stored then.
 */
function codeIn(bundle: string): string | undefined {
  try {
    return `${CODE_VERSION} ${createHash('sha256').update(readFileSync(bundle)).digest('hex')}`;
  } catch {
    return undefined;
  }
}
