import { assessAccount } from '../../lambda/accounts/assess-account.ts';
import {
  type Amount,
  absolute,
  add,
  approximately,
  isNegative,
  NO_AMOUNT,
  roundUp,
  textOf,
} from '../../lambda/margin/number/decimal.ts';
import { takeSnapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import { readMarket } from '../../lambda/rows/read-market.ts';
import { MINUTE_MS } from './black-thursday.ts';
import { type Clearing, NOTHING_CLEARED } from './clearing.ts';
import { totalsOf, unbalanced } from './conservation.ts';
import { type History, rawRows } from './history.ts';
import { kindOf } from './kinds.ts';
import { DEMO_INSTRUMENTS, type DemoInstrument } from './market.ts';
import { accountsOf, ofType } from './message-counts.ts';
import type { DemoRun } from './run.ts';

export type ImpactFigures = ReturnType<typeof impactFigures>;

const CENTS = 2;

/** Decimal texts in USD. */
export function impactFigures({ history, venue, messages }: DemoRun) {
  const seen = history.checks.map(({ prices }) => Number(prices['BTC-USD']));
  const displacements = bitcoinPath(history).map(({ displacement }) => displacement);
  const plans = ofType(messages, 'liquidation.ordered');
  const cost = venue.trades.reduce((sum, { costUsd }) => sum + costUsd, 0);
  const badDebt = add(standingDeficits(history), venue.covered);
  return {
    /** Credited deficits, plus accounts below zero at the end. */
    badDebt: textOf(roundUp(badDebt, CENTS)),
    /** BTC at a check, as a fraction; negative if pushed down. */
    largestDisplacement: largestOf(displacements).toFixed(5),
    /** USD lost against exogenous prices. */
    impactCost: cost.toFixed(CENTS),
    lowestBitcoin: seen.length === 0 ? null : Math.min(...seen).toFixed(CENTS),
    accountsLiquidated: accountsOf(plans),
    plans: plans.length,
    closed: textOf(roundUp(venue.closedNotional, CENTS)),
    /** Totals that changed: must be empty. */
    unbalanced: unbalancedIn({ history, venue }),
  };
}

const largestOf = (displacements: readonly number[]): number =>
  displacements.reduce((most, each) => (Math.abs(each) > Math.abs(most) ? each : most), 0);

export interface PathPoint {
  readonly timeMs: number;
  readonly priceUsd: number;
  /** Without liquidations. */
  readonly exogenousUsd: number;
  /** Fraction of the exogenous price. */
  readonly displacement: number;
}

export const bitcoinPath = ({ checks }: History): PathPoint[] =>
  checks.map(({ asOf, prices, exogenous }) => {
    const [priceUsd, exogenousUsd] = [Number(prices['BTC-USD']), Number(exogenous['BTC-USD'])];
    return { timeMs: asOf, priceUsd, exogenousUsd, displacement: priceUsd / exogenousUsd - 1 };
  });

export interface MinuteNotional {
  readonly timeMs: number;
  readonly notionalUsd: number;
}

/** Over all markets. */
export function notionalByMinute({ venue, history }: Pick<DemoRun, 'venue' | 'history'>) {
  const filled = new Map<number, number>();
  for (const { timeMs, notional } of venue.trades) {
    const minute = Math.floor(timeMs / MINUTE_MS);
    filled.set(minute, (filled.get(minute) ?? 0) + approximately(notional));
  }
  return history.checks.map(({ asOf }): MinuteNotional => {
    const minute = Math.floor(asOf / MINUTE_MS);
    return { timeMs: minute * MINUTE_MS, notionalUsd: filled.get(minute) ?? 0 };
  });
}

function unbalancedIn({ history, venue }: Pick<DemoRun, 'history' | 'venue'>): string[] {
  const totalsAt = (check: number, clearing: Clearing) => {
    const readable = history.accountIds.filter((each) => kindOf(each) !== 'malformed');
    const rows = readable.flatMap((accountId) => history.rowsAt(accountId, check));
    const sizeOf = (name: string) => DEMO_INSTRUMENTS[name as DemoInstrument].contractSize;
    return totalsOf({ rows, clearing }, sizeOf);
  };
  const after = totalsAt(history.looks.length, venue.clearing);
  return unbalanced(totalsAt(0, NOTHING_CLEARED), after);
}

/** Negative equities at the last check's prices. */
function standingDeficits(history: History): Amount {
  const last = history.looks.at(-1);
  if (last === undefined) return NO_AMOUNT;
  const { asOf, quotes } = last;
  const { market } = readMarket(rawRows([...history.terms, ...quotes]));
  const snapshot = takeSnapshot({ market, asOf, gapSeconds: 60, previousPrices: new Map() });
  return history.accountIds
    .flatMap((accountId) => {
      const rows = rawRows(history.rowsAt(accountId, history.looks.length));
      return assessAccount({ accountId, rows }, snapshot);
    })
    .map(({ outcome }) =>
      outcome.certainty !== 'indeterminate' && isNegative(outcome.equity.point)
        ? absolute(outcome.equity.point)
        : NO_AMOUNT,
    )
    .reduce(add, NO_AMOUNT);
}
