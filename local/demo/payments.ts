/** Money that comes into an account or is taken from it, other than by a fill. */
import { amount, negate } from '../../lambda/margin/decimal.ts';
import type { AccountRow } from '../rows.ts';
import { type Change, changeOf } from './fill.ts';
import type { FundDrawn, LossShare } from './fund-messages.ts';
import { type IsolatedLoss, Ledger, type Scope } from './ledger.ts';

export interface Payment extends Scope {
  readonly amount: string;
}

export interface Held {
  readonly rows: readonly AccountRow[];
  readonly isolatedLoss?: IsolatedLoss | undefined;
}

/** Of an owner, from outside. */
export function paid({ rows, isolatedLoss }: Held, payment: Payment): Change {
  const ledger = new Ledger(rows, { ...payment, isolatedLoss });
  const cash = amount(payment.amount);
  ledger.receive(cash);
  ledger.clear('outside', negate(cash));
  ledger.closeIfEmpty();
  return changeOf(ledger);
}

/** Out of the fund. A position that is gone left its loss to the venue: then it is made good. */
export function credited({ rows, isolatedLoss }: Held, message: FundDrawn): Change {
  const ledger = new Ledger(rows, { ...message, isolatedLoss });
  const cash = amount(message.drawn);
  if (ledger.isGone) ledger.clear('venue', cash);
  else ledger.receive(cash);
  ledger.clear('fund', negate(cash));
  ledger.closeIfEmpty();
  return changeOf(ledger);
}

/** A share of a loss that the fund could not cover. */
export function haircut({ rows, isolatedLoss }: Held, share: LossShare): Change {
  const ledger = new Ledger(rows, { accountId: share.accountId, isolatedLoss });
  const cash = amount(share.amount);
  ledger.receive(negate(cash));
  ledger.clear('shared', cash);
  return changeOf(ledger);
}
