/** Functions tell each other and operators about their certificates in items of the margin table. */
import type { MarginTable } from '../aws/margin-table.ts';
import { NAMED_MAX } from '../margin/number/limits.ts';
import { keyText, type RawRow } from '../rows/raw-row.ts';
import { CODE_VERSION } from '../version.ts';

const VOID = { pk: 'certificates', sk: 'void' } as const;
const OFF = { pk: 'certificates', sk: 'off' } as const;

/** Why every account is read while certificates are off. */
export const WHY_OFF = 'a certificate was wrong, so none is made any more';

/** The check that has found something, and the first NAMED_MAX accounts that it touches. */
export interface Finding {
  readonly checkId: string;
  readonly accounts: readonly string[];
}

export interface CertificatesState {
  /** Certificates of books that were complete by this check are void: changes had been missed. */
  readonly voided?: Finding | undefined;
  /** One that this version of the code has made was wrong, so that it makes none any more. */
  readonly off?: Finding | undefined;
}

export async function readState(margin: MarginTable): Promise<CertificatesState> {
  const [voided, off] = await Promise.all([margin.readRow(VOID), margin.readRow(OFF)]);
  return {
    voided: voided && findingIn(voided),
    off: off?.version === CODE_VERSION ? findingIn(off) : undefined,
  };
}

const findingIn = ({ checkId, accounts }: RawRow): Finding => ({
  checkId: keyText(checkId),
  accounts: Array.isArray(accounts) ? accounts.map(keyText) : [],
});

/** Every function reads all accounts once more. A later check's finding stays. */
export async function voidAll(margin: MarginTable, finding: Finding): Promise<void> {
  await margin.putLater(VOID, stored(finding), undefined);
}

export async function switchOff(margin: MarginTable, finding: Finding): Promise<void> {
  await margin.putRow(OFF, { ...stored(finding), version: CODE_VERSION });
}

const stored = ({ checkId, accounts }: Finding) => ({
  checkId,
  accounts: accounts.slice(0, NAMED_MAX),
});
