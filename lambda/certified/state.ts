/** What functions tell each other about their certificates, in an item of the margin table. */
import type { MarginTable } from '../aws/margin-table.ts';
import { keyText } from '../rows/raw-row.ts';
import { CODE_VERSION } from '../version.ts';

const KEY = { pk: 'certificates', sk: 'state' } as const;

export interface CertificatesState {
  /** Certificates of books that were complete by this check are void. */
  readonly voidBy?: string | undefined;
  /** A version of the code that has made a wrong one. It makes none any more. */
  readonly offIn?: string | undefined;
}

export async function readState(margin: MarginTable): Promise<CertificatesState> {
  const row = await margin.readRow(KEY);
  const text = (value: unknown) => (value === undefined ? undefined : keyText(value));
  return { voidBy: text(row?.voidBy), offIn: text(row?.offIn) };
}

export const isOff = ({ offIn }: CertificatesState): boolean => offIn === CODE_VERSION;

/** Every function reads all accounts once more. */
export async function voidAll(
  margin: MarginTable,
  state: CertificatesState,
  checkId: string,
): Promise<CertificatesState> {
  const next = { ...state, voidBy: checkId };
  await margin.putRow(KEY, { ...next });
  return next;
}

/** No function of this version makes certificates any more. */
export const switchOff = (
  margin: MarginTable,
  state: CertificatesState,
  checkId: string,
): Promise<CertificatesState> => voidAll(margin, { ...state, offIn: CODE_VERSION }, checkId);
