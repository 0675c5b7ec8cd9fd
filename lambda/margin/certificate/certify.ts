/**
 * A certificate bounds the low call surplus of a sub-account from below at every market within the
 * envelope: while the bound is not below zero, the sub-account is healthy for certain and need not be
 * read. Price, uncertainty and shock are those of the check; the certificate has the slopes.
 *
 *     surplus ≥ x0 − (decay·hours + owed)·Y
 *               − Σ over columns of multipliers · (down, up, slopeDown, slopeUp)
 *
 * with Y the largest multiple of a price. Standard options have columns of their own; a sub-account on
 * portfolio margin, or whose rules follow time or size, has no certificate.
 */

import { totalOf } from '../assess/figures.ts';
import { callFormulas, overMaintenance } from '../assess/formulas.ts';
import type { SubAccount } from '../book/account.ts';
import type { Book, NetPosition } from '../book/book.ts';
import { type Exposure, exposuresByFactor } from '../book/exposures.ts';
import { scheduleAt, worstContracts } from '../book/linear-requirement.ts';
import { type Curve, pointAt } from '../curve/curve.ts';
import { addPoints, type Point, surplusAt } from '../curve/figure.ts';
import type { Policy } from '../market/policy.ts';
import { approximately, larger, ONE, smaller, times, worthOf } from '../number/decimal.ts';
import { groupBy } from '../number/group-by.ts';
import type { LinearTerms } from '../snapshot/instrument-terms.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { accrualOf, type Held, HOUR_MS, heldBy, ON_ACCRUED } from './accruals.ts';
import type { Columns } from './columns.ts';
import { exposedIn } from './exposed.ts';
import { withoutInitialOnly } from './initial-only.ts';
import { NearSurplus } from './near-surplus.ts';
import { nonLinearFactor } from './non-linear-factor.ts';
import { chargesOf } from './rules.ts';
import { type Uncertifiable, whyNot } from './uncertifiable.ts';

export interface Entry {
  readonly column: number;
  /**
   * Numeraire lost per fall and per rise of one reference price; below zero if it gains. In the column
   * of an option: per unit of its value; then for the uncertainty of its quote, and its forward apart.
   */
  readonly down: number;
  readonly up: number;
  /** Largest loss per multiple of a downward and of an upward shock, at any price. */
  readonly slopeDown: number;
  readonly slopeUp: number;
  /** Numeraire of equity gained per rise of one reference price, at any price. */
  readonly equity: number;
}

/** A sub-account's holding in a market, at the reference price. */
export interface CertifiedExposure extends Pick<Exposure, 'market' | 'move'> {
  /** The column of its factor. */
  readonly column: number;
  /** Of an option its contracts. */
  readonly notional: number;
  readonly isOption: boolean;
}

export interface Certificate {
  /** Surplus over the call line at the reference, in the numeraire. */
  readonly x0: number;
  /** The surplus over the liquidation line is larger by so much at the reference. */
  readonly toLiquidation: number;
  /** At the reference. */
  readonly equity: number;
  /** Per hour from the reference on. */
  readonly decay: number;
  /** For changes of the funding rate, on what has accrued. */
  readonly owed: number;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly entries: readonly Entry[];
  readonly exposures: readonly CertifiedExposure[];
}

/** The market that a certificate is made at. */
export interface Reference {
  readonly snapshot: Snapshot;
  readonly columns: Columns;
}

export type Certified =
  | { readonly ok: true; readonly certificate: Certificate }
  | { readonly ok: false; readonly why: Uncertifiable };

/** The error of a sum in float64, as a share of its largest term. */
const ROUNDING = 1e-10;
/**
 * @param book of the sub-account at the snapshot
 * @param of the columns were opened at the snapshot
 */
export function certify(subAccount: SubAccount, book: Book, of: Reference): Certified {
  if (!of.columns.isOpenedAt(of.snapshot)) {
    throw new RangeError('the columns have another reference');
  }
  const called = withoutInitialOnly(book, of.snapshot.policy);
  const why = whyNot(subAccount, called, of.snapshot);
  if (why !== undefined) return { ok: false, why };
  return { ok: true, certificate: new Certifier(subAccount, called, of).made };
}

interface Slopes {
  down: number;
  up: number;
  slopeDown: number;
  slopeUp: number;
  equity: number;
}

const NO_SLOPES: Slopes = { down: 0, up: 0, slopeDown: 0, slopeUp: 0, equity: 0 };

class Certifier {
  private readonly subAccount: SubAccount;
  private readonly book: Book;
  private readonly snapshot: Snapshot;
  private readonly columns: Columns;
  private readonly held: readonly Held[];
  private readonly entries = new Map<number, Slopes>();
  /** Factors in which options are held. */
  private readonly nonLinear: ReadonlySet<string>;
  private magnitude = 0;
  private sag = 0;

  constructor(subAccount: SubAccount, book: Book, of: Reference) {
    this.subAccount = subAccount;
    this.book = book;
    this.snapshot = of.snapshot;
    this.columns = of.columns;
    this.held = subAccount.positions.flatMap((row) => heldBy(row, of.snapshot));
    this.nonLinear = new Set(book.curves.filter(isNonLinear).map(({ factor }) => factor));
  }

  get made(): Certificate {
    const { policy, asOf } = this.snapshot;
    const apart = new Set(this.book.positions.filter(isApart).map(factorOf));
    const held = groupBy(this.held, ({ instrument }) => instrument);
    for (const curve of this.book.curves) {
      if (isNonLinear(curve)) this.addNonLinear(curve);
      else this.addFactor(curve, apart.has(curve.factor));
    }
    for (const position of this.book.positions) {
      this.addPosition(position, held.get(position.terms.instrument) ?? []);
    }
    for (const { terms, lies } of this.book.holdings) {
      const { quoted, asset } = terms;
      if (lies?.location !== undefined) this.entry(this.columns.location(lies.location));
      if (quoted !== undefined) this.columns.ruledBy(quoted.factor.feed, `asset ${asset}`);
    }
    for (const cross of this.book.crosses) this.addCross(cross);
    const { call, liquidation, equity } = this.surplusNow(policy);
    const x0 = call - this.sag;
    const { envelope } = this.columns;
    const until = asOf + envelope.hours * HOUR_MS;
    return {
      x0: x0 - ROUNDING * (this.magnitude + Math.abs(x0)),
      // A requirement of options may fall faster than prices.
      toLiquidation: this.nonLinear.size > 0 ? 0 : Math.max(0, liquidation - call),
      equity,
      ...accrualOf(this.held, this.subAccount, { snapshot: this.snapshot, envelope }),
      until: this.book.positions.reduce(
        (soonest, { terms }) => Math.min(soonest, expiryOf(terms)),
        until,
      ),
      entries: [...this.entries].map(([column, slopes]) => ({ column, ...slopes })),
      exposures: this.exposures(),
    };
  }

  /** Exact, before buffer and uncertainty: the columns take those off. */
  private surplusNow(policy: Policy) {
    const points = this.book.curves.map(exactlyAt);
    const total = totalOf(this.book, points);
    const calls = callFormulas(policy).map((formula) => surplusAt(total, formula));
    const overLiquidation = overMaintenance(policy.liquidationMultiplier);
    return {
      call: approximately(calls.reduce(smaller)),
      liquidation: approximately(surplusAt(total, overLiquidation)),
      equity: approximately(total.equity),
    };
  }

  private exposures(): CertifiedExposure[] {
    return [...exposuresByFactor(this.book)].flatMap(([feed, exposures]) =>
      feed === undefined
        ? []
        : exposures.map(({ market, move, notional, contracts }) => ({
            ...{ market, move, column: this.columnOf(feed) },
            notional: approximately(contracts ?? notional),
            isOption: contracts !== undefined,
          })),
    );
  }

  private columnOf(factor: string): number {
    return this.nonLinear.has(factor)
      ? this.columns.nonLinear(factor)
      : this.columns.factor(factor);
  }

  private entry(column: number): Slopes {
    const found = this.entries.get(column) ?? { ...NO_SLOPES };
    this.entries.set(column, found);
    return found;
  }

  /** @param hasMarks whose prices are not the factor's */
  private addFactor(curve: Curve, hasMarks: boolean): void {
    const { policy } = this.snapshot;
    const entry = this.entry(this.columns.factor(curve.factor));
    const calls = callFormulas(policy).map((formula) => new NearSurplus(curve, formula));
    const liquidation = overMaintenance(policy.liquidationMultiplier);
    // A certificate has one figure: the lowest, with the largest loss of any.
    let [down, up] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const near of calls) {
      const chords = near.chords(this.columns.envelope);
      down = Math.max(down, chords.down);
      up = Math.max(up, chords.up);
      this.magnitude += near.magnitude(this.columns.envelope);
    }
    entry.down += down;
    entry.up += up;
    for (const { slope } of [curve.equity, ...curve.weighed.map(({ line }) => line)]) {
      entry.equity += approximately(slope);
    }
    for (const near of [...calls, new NearSurplus(curve, liquidation)]) {
      const { slopeDown, slopeUp } = near.steepest(this.columns.envelope);
      // Marks that move apart may turn the sign of what is settled in coin.
      const bend = hasMarks ? near.bend : 0;
      entry.slopeDown = Math.max(entry.slopeDown, slopeDown + bend);
      entry.slopeUp = Math.max(entry.slopeUp, slopeUp + bend);
    }
  }

  private addNonLinear(curve: Curve): void {
    const { factor } = curve;
    const part = nonLinearFactor(curve, this.snapshot.policy, this.columns.priceWindows);
    this.sag += part.sag;
    this.magnitude += part.magnitude;
    const own = this.entry(this.columns.nonLinear(factor));
    own.down += part.down;
    own.up += part.up;
    own.slopeDown += part.slope.usual;
    own.slopeUp += part.slope.beyond;
    own.equity -= part.equity;
    for (const { instrument, units, fall, rise, unsure, apart } of part.options) {
      const entry = this.entry(this.columns.option(instrument, factor));
      entry.down += fall;
      entry.up += rise;
      entry.slopeDown += unsure;
      entry.slopeUp += apart;
      entry.equity += units;
    }
    const { snapshot, columns, subAccount } = this;
    const exposed = exposedIn(subAccount, factor, { snapshot, envelope: columns.envelope });
    // Once for the value, and at most once for the requirement.
    for (const mark of apartIn(this.book, factor)) {
      this.entry(columns.basis(mark, factor)).slopeDown += 2 * exposed;
    }
  }

  /** A mark that is not its factor's price moves apart from it. */
  private addPosition(position: NetPosition, held: readonly Held[]): void {
    const { terms } = position;
    if (terms.kind === 'settled') return;
    const { factor, price } = terms.quoted;
    this.columns.ruledBy(factor.feed, `instrument ${terms.instrument}`);
    if (terms.kind !== 'linear') return;
    const { riskClass } = terms.ofClass;
    if (riskClass.dynamic !== undefined) {
      const column = this.columns.scale(riskClass.riskClass, factor.feed, terms.instrument);
      this.entry(column).up += chargedOn(position, terms, this.snapshot);
    }
    if (!isApart(position)) return;
    const value = held.reduce(
      (sum, { notional, rate, hours }) => sum + notional * (1 + rate * hours) * ON_ACCRUED,
      0,
    );
    const steepness = value + chargedOn(position, terms, this.snapshot);
    this.loses(this.columns.basis(price.feed, factor.feed), steepness);
    const own = this.entry(this.columnOf(factor.feed));
    // Within the basis each mark's line is that much steeper.
    const wider = this.columns.envelope.basis * steepness;
    if (this.nonLinear.has(factor.feed)) {
      // Both weights of what is settled in coin may count.
      own.slopeDown += 2 * wider;
    } else {
      own.slopeDown += wider;
      own.slopeUp += wider;
    }
  }

  /** A profit in an asset with a price of its own: at most size·(x − 1)·(y − 1) beside both lines. */
  private addCross({ size, moved, factors: [factor, other] }: Book['crosses'][number]): void {
    const [marks, [asset]] = moved;
    const reach = approximately(size);
    for (const mark of marks) {
      if (asset === undefined) continue;
      this.loses(this.columns.cross(mark.feed, factor.feed, other.feed), reach * ON_ACCRUED);
    }
  }

  /** Surplus and equity lose at most so much of a move there. */
  private loses(column: number, most: number): void {
    const entry = this.entry(column);
    entry.up += most;
    entry.equity -= most;
  }
}

const expiryOf = (terms: NetPosition['terms']): number =>
  terms.kind === 'settled' ? 0 : (terms.expiresAt ?? Number.POSITIVE_INFINITY);

const exactlyAt = (curve: Curve): Point =>
  (curve.nonLinear?.parts ?? []).map(({ now }) => now).reduce(addPoints, pointAt(curve, ONE));

const isNonLinear = ({ nonLinear }: Curve): boolean => nonLinear !== undefined;

/** Feeds of marks and forwards that are not the factor's own price. */
const apartIn = ({ positions }: Book, factor: string): ReadonlySet<string> =>
  new Set(
    positions
      .filter(({ terms }) => terms.quoted.factor.feed === factor)
      .flatMap(({ terms }) => terms.prices.map(({ feed }) => feed))
      .filter((feed) => feed !== factor),
  );

const factorOf = ({ terms }: NetPosition): string => terms.quoted.factor.feed;

const isApart = ({ terms: { kind, quoted } }: NetPosition): boolean =>
  kind === 'linear' && quoted.price.feed !== quoted.factor.feed;

/** No requirement of a position changes by more per multiple of its mark. */
function chargedOn(position: NetPosition, terms: LinearTerms, snapshot: Snapshot): number {
  const contracts = worstContracts(position);
  const top = scheduleAt(position, terms, contracts)?.at(-1);
  if (top === undefined) return 0;
  const { callMultiplier, liquidationMultiplier } = snapshot.policy;
  const multiple = larger(callMultiplier, liquidationMultiplier);
  const rate = approximately(larger(top.initial, times(top.maintenance, multiple)));
  const charges = chargesOf(`instrument ${terms.instrument}`, snapshot) ?? [];
  const charged = charges.reduce((sum, each) => sum + each, 0) * approximately(multiple);
  const notional = worthOf(contracts, terms.contractValue);
  return approximately(notional) * (rate + charged);
}
