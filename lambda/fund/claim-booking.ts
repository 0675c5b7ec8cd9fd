/**
 * Books a lot of claims, oldest first: the fund pays, other accounts bear the rest by policy, and
 * the remainder stays uncovered.
 */
import type { MarginTable } from '../aws/margin-table.ts';
import { type Amount, isPositive, NO_AMOUNT, roundDown } from '../margin/number/decimal.ts';
import { type Drawn, drawFrom } from '../margin/waterfall/draw.ts';
import type { Share } from '../margin/waterfall/haircut.ts';
import { bookDraws, type Entry, type Ledger } from '../margin/waterfall/ledger.ts';
import {
  type Composing,
  composeDrawn,
  composeHaircut,
  type PaidClaim,
} from '../messages/compose-fund.ts';
import type { OpenClaim } from './claims.ts';
import type { Booking } from './fund-item.ts';
import { claimRows } from './fund-rows.ts';
import { type LossSharing, putShares, type SharedLoss } from './loss-sharing.ts';

export interface ClaimBooking extends Booking {
  readonly claims: readonly PaidClaim[];
  readonly shares: readonly Share[];
}

interface BookedLoss extends SharedLoss {
  readonly lossId: string;
  readonly pages: number;
}

export interface ClaimsInput {
  readonly composing: Composing;
  readonly sharing: LossSharing;
  readonly margin: MarginTable;
  readonly expiresAtSeconds: number;
}

export async function bookClaims(
  ledger: Ledger,
  lot: readonly OpenClaim[],
  input: ClaimsInput,
): Promise<ClaimBooking> {
  const { composing } = input;
  const { draws, rest } = drawFrom(roundDown(ledger.balance, composing.policy.amountPlaces), lot);
  const { next, entries } = bookDraws(
    ledger,
    draws.map(({ drawn }) => drawn),
  );
  const loss = await shared(rest, ledger, input);
  const claims = paidClaims(draws, { next, entries, loss });
  const booked = claims.map((claim, index) => ({ claim, entry: entries[index] }));
  const paid = claims.filter(({ lossId }) => lossId !== undefined);
  const said = loss && composeHaircut({ ...loss, claims: paid }, composing);
  return {
    next: loss === undefined ? next : { ...next, losses: ledger.losses + 1 },
    rows: booked.flatMap((each) => claimRows(each, composing)),
    messages: [
      ...claims.map((claim) => composeDrawn(claim, composing)),
      ...(said === undefined ? [] : [said]),
    ],
    claims,
    shares: loss?.shares ?? [],
  };
}

/** Undefined if there is nothing to share or nobody to bear it. */
async function shared(
  rest: Amount,
  { losses }: Ledger,
  { composing, sharing, margin, expiresAtSeconds }: ClaimsInput,
): Promise<BookedLoss | undefined> {
  const { checkId, policy } = composing;
  const { lossSharing, amountPlaces: places } = policy;
  if (!isPositive(rest) || lossSharing === 'none') return undefined;
  const loss = await sharing.share(rest);
  const { shares } = loss;
  if (shares.length === 0) return undefined;
  const lossId = `${checkId}#${losses + 1}`;
  const pages = await putShares(margin, { lossId, shares, places, expiresAtSeconds });
  return { ...loss, lossId, pages };
}

/** In the order of the claims, as far as the shares go. */
function paidClaims(
  draws: readonly Drawn<OpenClaim>[],
  booked: {
    readonly next: Ledger;
    readonly entries: readonly (Entry | undefined)[];
    readonly loss: BookedLoss | undefined;
  },
): PaidClaim[] {
  const { next, entries, loss } = booked;
  const rests = draws.map(({ rest }) => ({ amount: rest }));
  const borne = drawFrom(loss?.amount ?? NO_AMOUNT, rests).draws;
  return draws.map(({ claim, drawn }, index) => {
    const { drawn: socialized = NO_AMOUNT, rest: uncovered = NO_AMOUNT } = borne[index] ?? {};
    const lossId = isPositive(socialized) ? loss?.lossId : undefined;
    const balance = entries[index]?.balance ?? next.balance;
    return { ...claim, drawn, socialized, uncovered, lossId, balance };
  });
}
