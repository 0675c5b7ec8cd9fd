import type { Account, Balance, Position } from '../margin/book/account.ts';
import { NO_QUANTITY, UNIT_PRICE } from '../margin/number/decimal.ts';
import type { Reason } from '../margin/number/reason.ts';
import { balanceAttributes, positionAttributes, profileAttributes } from './account-rows.ts';
import { attributesOf, faultIn, rowFault, rowFaultOf } from './fault.ts';
import { idField } from './fields.ts';
import { balanceItem } from './item-keys.ts';
import { keyText, type RawRow } from './raw-row.ts';

/** An account, or the faults of its rows. */
export type AccountReading =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly reasons: readonly Reason[] };

const KEYS = ['accountId', 'item'] as const;
const id = idField('');

/** An account as far as its rows can be read: the cross book and each isolated position stand alone. */
export interface AccountParts {
  /** Without malformed rows. */
  readonly account: Account;
  /** That leave nothing known: of the profile, the id, or rows of no known kind. */
  readonly ofAll: readonly Reason[];
  /** By isolated position; undefined is the cross book. */
  readonly ofPart: ReadonlyMap<string | undefined, readonly Reason[]>;
}

/** An account from its rows in the accounts table, or the fault of every row that is malformed. */
export function readAccount(accountId: string, rows: readonly RawRow[]): AccountReading {
  const { account, ofAll, ofPart } = readAccountParts(accountId, rows);
  const reasons = [...ofAll, ...[...ofPart.values()].flat()];
  return reasons.length > 0 ? { ok: false, reasons } : { ok: true, account };
}

/** Never fails: a malformed row leaves its own part unknown, and no other. */
export function readAccountParts(accountId: string, rows: readonly RawRow[]): AccountParts {
  const reader = new AccountReader(accountId, rows.length === 0);
  for (const row of rows) reader.read(row);
  return reader.finish();
}

class AccountReader {
  private readonly accountId: string;
  private marginModel: Account['marginModel'] = 'standard';
  private callGraceSeconds: number | undefined;
  private leverage: Account['leverage'];
  private isChanging = false;
  private readonly balances: Balance[] = [];
  private readonly positions: Position[] = [];
  private readonly ofAll: Reason[] = [];
  private readonly ofPart = new Map<string | undefined, Reason[]>();

  constructor(accountId: string, isEmpty: boolean) {
    this.accountId = accountId;
    if (isEmpty) return;
    const named = id.safeParse(accountId);
    if (named.success) return;
    const fault = `accountId ${faultIn(named.error).fault}`;
    this.ofAll.push(rowFaultOf(`accounts ${accountId}`, fault));
  }

  read(row: RawRow): void {
    const item = keyText(row.item);
    const place = `accounts ${this.accountId}/${item}`;
    const [kind] = item.split('#');
    if (kind === 'balance') this.readBalance(place, item, row);
    else if (kind === 'position') this.readPosition(place, item, row);
    else if (item === 'profile') this.readProfile(place, row);
    else
      this.ofAll.push(
        rowFaultOf(
          place,
          'unknown kind of item; it must be profile, balance#<asset> or position#<instrument>',
        ),
      );
  }

  private readProfile(place: string, row: RawRow): void {
    const parsed = profileAttributes.safeParse(attributesOf(row, KEYS));
    if (!parsed.success) {
      this.ofAll.push(rowFault(place, parsed.error));
      return;
    }
    this.marginModel = parsed.data.marginModel;
    this.callGraceSeconds = parsed.data.callGraceSeconds;
    this.leverage = parsed.data.leverage;
    this.isChanging = parsed.data.changing;
  }

  private readBalance(place: string, item: string, row: RawRow): void {
    const parsed = balanceAttributes.safeParse(attributesOf(row, KEYS));
    if (!parsed.success) {
      this.addFault(undefined, rowFault(place, parsed.error));
      return;
    }
    const wanted = balanceItem(parsed.data);
    if (item === wanted) this.balances.push(parsed.data);
    else this.addFault(undefined, keyFault(place, wanted));
  }

  private readPosition(place: string, item: string, row: RawRow): void {
    const part = isolatedPart(item, row);
    const parsed = positionAttributes.safeParse(attributesOf(row, KEYS));
    if (!parsed.success) {
      this.addFault(part, rowFault(place, parsed.error));
      return;
    }
    const prefix = `position#${parsed.data.instrument}`;
    const label = item === prefix ? undefined : item.slice(prefix.length + 1);
    const isKeyed = label === undefined || (item.startsWith(`${prefix}#`) && isLabel(label));
    const { quantity = NO_QUANTITY, entryPrice = UNIT_PRICE } = parsed.data;
    if (isKeyed) this.positions.push({ ...parsed.data, quantity, entryPrice, label });
    else this.addFault(part, keyFault(place, `${prefix}[#<label>]`));
  }

  private addFault(part: string | undefined, reason: Reason): void {
    this.ofPart.set(part, [...(this.ofPart.get(part) ?? []), reason]);
  }

  finish(): AccountParts {
    const { accountId, marginModel, callGraceSeconds, balances, positions, ofAll, ofPart } = this;
    const { leverage } = this;
    const marked = {
      ...(leverage === undefined ? {} : { leverage }),
      ...(this.isChanging ? { isChanging: true } : {}),
    };
    const account = { accountId, marginModel, callGraceSeconds, ...marked, balances, positions };
    return { account, ofAll, ofPart };
  }
}

const keyFault = (place: string, wanted: string): Reason =>
  rowFaultOf(place, `item must be ${wanted}, to match the other attributes`);

/**
 * As its key names it, if the row has a margin of its own, readable or not. A key that can name no
 * position is of the cross book.
 */
function isolatedPart(item: string, { isolatedMargin }: RawRow): string | undefined {
  if (isolatedMargin === undefined || isolatedMargin === null) return undefined;
  const names = item.split('#').slice(1);
  const isNamed = names.length > 0 && names.length <= 2 && names.every(isLabel);
  return isNamed ? names.join('#') : undefined;
}

const isLabel = (label: string): boolean => id.safeParse(label).success;
