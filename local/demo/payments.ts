import { amount, negate } from '../../lambda/margin/number/decimal.ts';
import type { AccountRow } from '../aws/rows.ts';
import { type Change, changeOf } from './fill.ts';
import { Ledger, type Scope } from './ledger.ts';
import type { Of } from './message-counts.ts';

export interface Payment extends Scope {
  readonly amount: string;
}

export function paid(rows: readonly AccountRow[], payment: Payment): Change {
  const ledger = new Ledger(rows, payment);
  const cash = amount(payment.amount);
  ledger.receive(cash);
  ledger.clear('outside', negate(cash));
  ledger.closeIfEmpty();
  return changeOf(ledger);
}

export type Drawn = Pick<Of<'fund.drawn'>, 'drawn' | 'socialized' | 'uncovered'> & Scope;

/** The fund, other accounts and the venue pay a claim's whole shortfall. */
export function credited(rows: readonly AccountRow[], drawn: Drawn): Change {
  const ledger = new Ledger(rows, drawn);
  const payers = [
    ['fund', drawn.drawn],
    ['shared', drawn.socialized],
    ['venue', drawn.uncovered],
  ] as const;
  for (const [payer, text] of payers) {
    const cash = amount(text);
    ledger.receive(cash);
    ledger.clear(payer, negate(cash));
  }
  ledger.closeIfEmpty();
  return changeOf(ledger);
}

/** An account's share of a loss that the fund could not cover. */
export interface LossShare {
  readonly accountId: string;
  readonly amount: string;
}

export function haircut(rows: readonly AccountRow[], share: LossShare): Change {
  const ledger = new Ledger(rows, { accountId: share.accountId });
  const cash = amount(share.amount);
  ledger.receive(negate(cash));
  ledger.clear('shared', cash);
  return changeOf(ledger);
}
