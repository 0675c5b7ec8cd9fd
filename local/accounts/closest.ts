/**
 * The accounts nearest to liquidation, without reading the others. A checkpoint of the certificates
 * says how far each account surely is from its call line. Accounts are read in that order, until as many
 * as were asked for are nearer than all that is left is proved to be.
 */
import { AccountsTable } from '../../lambda/aws/accounts-table.ts';
import type { CheckpointBucket } from '../../lambda/aws/checkpoint-bucket.ts';
import { MarginTable } from '../../lambda/aws/margin-table.ts';
import { CertifiedBook } from '../../lambda/certified/certified-book.ts';
import { Checkpoints } from '../../lambda/certified/checkpoints.ts';
import { readState, WHY_OFF } from '../../lambda/certified/state.ts';
import { SCAN_SEGMENTS } from '../../lambda/config.ts';
import type { Snapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import { inParallel } from '../../lambda/outbox/parallel.ts';
import type { AccountRows } from '../../lambda/rows/raw-row.ts';
import { CODE_VERSION } from '../../lambda/version.ts';
import { InputError, reasonOf } from '../cli/input.ts';
import type { Deployed } from '../stress/book.ts';
import { provedRadii } from './proved-radius.ts';
import { type AccountsAsked, type RankedAccounts, rankAccounts } from './rank-accounts.ts';

const LOT = 100;

export interface ClosestAccounts extends RankedAccounts {
  readonly certificates: {
    /** The check that stored them. */
    readonly of: string;
    /** Accounts that were not read. */
    readonly proved: number;
    /** How far all prices may move, as decimal text, until one of those may be called. */
    readonly beyond: string;
  };
}

/** @throws InputError if there is no checkpoint, none of this version, or none that may be trusted */
export async function closestAccounts(
  { dynamo, deployment, now }: Deployed,
  {
    bucket,
    ...asked
  }: AccountsAsked & { readonly snapshot: Snapshot; readonly bucket: CheckpointBucket },
): Promise<ClosestAccounts> {
  const { accountsTable: table, marginTable } = deployment;
  const { book, of } = await restored(new MarginTable({ dynamo, table: marginTable }), bucket, now);
  const radii = provedRadii(book, asked.snapshot);
  const order = [...radii.keys()]
    .filter((number) => book.index.idOf(number) !== undefined)
    .sort((left, right) => (radii[left] as number) - (radii[right] as number));
  const accounts = new AccountsTable({ dynamo, table, segments: SCAN_SEGMENTS });
  let read = 0;
  const provedOf = (place: number) =>
    place < order.length ? (radii[order[place] as number] as number) : Number.POSITIVE_INFINITY;
  const rowsOf = async (lot: readonly string[]) => {
    const rows = await inParallel(lot, (accountId) => accounts.read(accountId));
    return rows.filter(({ rows: found }) => found.length > 0);
  };
  async function* lots(): AsyncGenerator<readonly AccountRows[]> {
    // A comparison has met them, and they have no number until they are read.
    yield rowsOf([...book.unmet].filter((each) => book.index.numberOf(each) === undefined));
    while (read < order.length) {
      const lot = order.slice(read, read + LOT).flatMap((each) => book.index.idOf(each) ?? []);
      read += lot.length;
      yield rowsOf(lot);
    }
  }
  // One that is as near may have its turn by name.
  const isEnough = (farthest: number) => farthest < provedOf(read);
  const ranked = await rankAccounts(lots(), { ...asked, sort: 'distance', isEnough });
  const beyond = String(Math.max(0, provedOf(read)));
  return { ...ranked, certificates: { of, proved: order.length - read, beyond } };
}

async function restored(margin: MarginTable, bucket: CheckpointBucket, now: number) {
  const isOwn = (code: string) => code.split(' ')[0] === CODE_VERSION;
  const checkpoints = new Checkpoints({ objects: bucket, code: CODE_VERSION, isOwn });
  const found = await checkpoints.read(margin, now).catch((error: unknown) => {
    throw new InputError(`--closest: no checkpoint can be used: ${reasonOf(error)}`);
  });
  if (found === undefined) throw new InputError('--closest: no check has stored a checkpoint yet');
  const { off, voided } = await readState(margin);
  if (off !== undefined) throw new InputError(`--closest: ${WHY_OFF}`);
  if (voided !== undefined && (found.filledBy ?? '') < voided.checkId) {
    throw new InputError('--closest: the checkpoint is void, because changes had been missed');
  }
  const book = new CertifiedBook();
  found.restore(book);
  return { book, of: found.checkId };
}
