/** What functions tell each other and operators about their certificates: an item of the margin table. */
import type { MarginTable } from '../aws/margin-table.ts';
import { NAMED_MAX } from '../margin/number/limits.ts';
import { keyText } from '../rows/raw-row.ts';
import { CODE_VERSION } from '../version.ts';

const KEY = { pk: 'certificates', sk: 'state' } as const;

export interface CertificatesState {
  /** Certificates of books that were complete by this check are void. */
  readonly voidBy?: string | undefined;
  /** A version of the code that has made a wrong one. It makes none any more. */
  readonly offIn?: string | undefined;
  /** Why: the first NAMED_MAX accounts that were missed, or whose certificate was wrong. */
  readonly accounts: readonly string[];
}

export async function readState(margin: MarginTable): Promise<CertificatesState> {
  const { voidBy, offIn, accounts } = (await margin.readRow(KEY)) ?? {};
  const text = (value: unknown) => (value === undefined ? undefined : keyText(value));
  const named = Array.isArray(accounts) ? accounts.map(keyText) : [];
  return { voidBy: text(voidBy), offIn: text(offIn), accounts: named };
}

export const isOff = ({ offIn }: CertificatesState): boolean => offIn === CODE_VERSION;

interface Voiding {
  readonly checkId: string;
  readonly accounts: readonly string[];
}

/** Every function reads all accounts once more. */
export async function voidAll(
  margin: MarginTable,
  state: CertificatesState,
  { checkId, accounts }: Voiding,
): Promise<CertificatesState> {
  const next = { ...state, voidBy: checkId, accounts: accounts.slice(0, NAMED_MAX) };
  await margin.putRow(KEY, { ...next });
  return next;
}

/** No function of this version makes certificates any more. */
export const switchOff = (
  margin: MarginTable,
  state: CertificatesState,
  voiding: Voiding,
): Promise<CertificatesState> => voidAll(margin, { ...state, offIn: CODE_VERSION }, voiding);
