/** By market, the notional that a move of 1 % would liquidate. */
import type { Move } from '../margin/book/exposures.ts';
import type { LiquidatedByMove } from '../margin/liquidation/cascade.ts';
import type { Side } from '../margin/liquidation/order-plan.ts';
import {
  type Amount,
  add,
  compare,
  larger,
  NO_AMOUNT,
  type Ratio,
  ratioBetween,
  roundUp,
  sumOf,
  textOf,
  textOfPlaces,
} from '../margin/number/decimal.ts';
import { NAMED_MAX } from '../margin/number/limits.ts';
import type { Snapshot } from '../margin/snapshot/snapshot.ts';
import { cascadeRatioText } from '../messages/compose-alert.ts';

type Notionals = Readonly<Record<Move, Amount>>;

export interface CascadeReading {
  readonly market: string;
  readonly notional: Notionals;
  readonly depth?: Amount | undefined;
  /** Larger notional ÷ depth. */
  readonly ratio?: Ratio | undefined;
  /** With the accounts that a price in doubt leaves indeterminate. */
  readonly ratioMost?: Ratio | undefined;
  readonly move: Move;
  readonly side: Side;
}

/** Decimal texts, rounded up: notionals in the numeraire, ratios as fractions. */
export type CascadeSummary = Readonly<
  Record<
    string,
    {
      readonly notional1PctDown: string;
      readonly notional1PctUp: string;
      readonly depth?: string;
      readonly ratio?: string;
    }
  >
>;

function addTo(sums: Map<string, Notionals>, liquidated: readonly LiquidatedByMove[]): void {
  for (const { market, move, notional } of liquidated) {
    const sum = sums.get(market) ?? NOTHING;
    sums.set(market, { ...sum, [move]: add(sum[move], notional) });
  }
}

const NOTHING: Notionals = { fall: NO_AMOUNT, rise: NO_AMOUNT };

export class CascadeGauge {
  private readonly snapshot: Snapshot;
  private readonly sums = new Map<string, Notionals>();
  private readonly doubtful = new Map<string, Notionals>();

  constructor(snapshot: Snapshot) {
    this.snapshot = snapshot;
  }

  add(liquidated: readonly LiquidatedByMove[]): void {
    addTo(this.sums, liquidated);
  }

  /** Keeps accounts apart that a price in doubt leaves indeterminate, at the believed prices. */
  addDoubtful(liquidated: readonly LiquidatedByMove[]): void {
    addTo(this.doubtful, liquidated);
  }

  /** In all markets, after the worse move of each. */
  get doubtfulNotional(): Amount {
    return sumOf([...this.doubtful.values()].map(({ fall, rise }) => larger(fall, rise)));
  }

  /** Markets with a notional or a known depth. */
  readings(): CascadeReading[] {
    const { instruments, assets } = this.snapshot;
    const markets = new Set(this.sums.keys());
    for (const [market, terms] of [...instruments, ...assets]) {
      if (terms.ok && terms.value.trading.depth !== undefined) markets.add(market);
    }
    return [...markets].map((market) => this.readingOf(market));
  }

  private readingOf(market: string): CascadeReading {
    const instrument = this.snapshot.instruments.get(market);
    const terms = instrument ?? this.snapshot.assets.get(market);
    const depth = terms?.ok ? terms.value.trading.depth : undefined;
    const notional = this.sums.get(market) ?? NOTHING;
    const move = compare(notional.rise, notional.fall) > 0 ? 'rise' : 'fall';
    const ratio = depth && ratioBetween(larger(notional.fall, notional.rise), depth);
    const doubtful = this.doubtful.get(market) ?? NOTHING;
    const most = larger(add(notional.fall, doubtful.fall), add(notional.rise, doubtful.rise));
    const ratioMost = depth && ratioBetween(most, depth);
    const isPut =
      instrument?.ok && instrument.value.kind === 'option' && instrument.value.type === 'put';
    const side = (move === 'fall') === (isPut === true) ? 'buy' : 'sell';
    return { market, notional, depth, ratio, ratioMost, move, side };
  }
}

export function cascadeSummary(
  readings: readonly CascadeReading[],
  amountPlaces: number,
): CascadeSummary {
  const text = (amount: Amount) => notionalText(amount, amountPlaces);
  const largest = readings
    .toSorted((left, right) => compare(mostOf(right), mostOf(left)))
    .slice(0, NAMED_MAX);
  return Object.fromEntries(
    largest.map(({ market, notional, depth, ratio }) => [
      market,
      {
        notional1PctDown: text(notional.fall),
        notional1PctUp: text(notional.rise),
        ...(depth === undefined ? {} : { depth: textOf(depth) }),
        ...(ratio === undefined ? {} : { ratio: cascadeRatioText(ratio) }),
      },
    ]),
  );
}

/** Rounded up. */
export const notionalText = (amount: Amount, places: number): string =>
  textOfPlaces(roundUp(amount, places), places);

const mostOf = ({ notional }: CascadeReading): Amount => larger(notional.fall, notional.rise);
