/**
 * Tries orders part by part (parts.ts): only the parts whose closed quantities have changed since
 * the last trial of its kind are filled and built again.
 */
import type { SubAccount } from '../book/account.ts';
import type { Book } from '../book/book.ts';
import type { Policy } from '../market/policy.ts';
import { compare, type Quantity } from '../number/decimal.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import type { Closable } from './closable.ts';
import { type Closed, type FilledAt, NOTHING_CLOSED } from './closed.ts';
import { type Earned, filled, withEarned } from './fill.ts';
import { addFigures, figuresOf, type PartFigures } from './part-figures.ts';
import { type Parts, partsOf } from './parts.ts';
import { SumTree } from './sum-tree.ts';

/** The sum over all parts, and the rows of the common one. */
export interface PartsAfter {
  readonly figures: PartFigures;
  readonly common: SubAccount;
}

/** The search goes to and fro between these, so the last trial of each is kept. */
export interface TrialKind {
  readonly at: FilledAt;
  readonly isJoint: boolean;
}

interface PartInput {
  readonly snapshot: Snapshot;
  readonly bookOf: (subAccount: SubAccount) => Book;
}

export class PartTrial {
  private readonly input: PartInput;
  private readonly common: Part;
  private readonly byFactor: ReadonlyMap<string, FactorPart>;
  private readonly sums: Readonly<Record<FilledAt, readonly [alone: PartSum, joint: PartSum]>>;

  /** Undefined with fewer than two factors: the whole book is then as fast. */
  static of(subAccount: SubAccount, input: PartInput): PartTrial | undefined {
    if (subAccount.isolatedMargin !== undefined) return undefined;
    const parts = partsOf(subAccount, input.snapshot);
    return parts.byFactor.size < 2 ? undefined : new PartTrial(parts, input);
  }

  private constructor({ common, byFactor }: Parts, input: PartInput) {
    this.input = input;
    this.common = { rows: common, closables: new Set() };
    this.byFactor = new Map(
      [...byFactor].map(([factor, rows], index) => [
        factor,
        new FactorPart({ ...input, factor, rows, index }),
      ]),
    );
    const untouched = [...this.byFactor.values()].map((part) => part.after(NOTHING_CLOSED, 'mark'));
    const sumAt = (at: FilledAt) =>
      new PartSum({ untouched, at, byFactor: this.byFactor, common: this.common });
    this.sums = {
      mark: [sumAt('mark'), sumAt('mark')],
      cost: [sumAt('cost'), sumAt('cost')],
    };
  }

  /** Undefined if a part's losses on a common factor do not add up. */
  after(closed: Closed, { at, isJoint }: TrialKind): PartsAfter | undefined {
    const { snapshot, bookOf } = this.input;
    const [alone, joint] = this.sums[at];
    const own = (isJoint ? joint : alone).after(closed);
    const common = this.commonAfter({ closed, at, earned: own.earned });
    const book = bookOf(common);
    const isSum = book.curves.every(
      ({ nonLinear, factor }) => nonLinear === undefined || !own.sharedLosses.has(factor),
    );
    if (!isSum) return undefined;
    return { figures: addFigures(own, figuresOf(book, snapshot.policy)), common };
  }

  private commonAfter(of: {
    readonly closed: Closed;
    readonly at: FilledAt;
    readonly earned: Earned;
  }): SubAccount {
    const { snapshot } = this.input;
    const { common } = this;
    const closed = closedOf(common.closables, of.closed);
    const { positions, earned } = filled(common.rows, { closed, at: of.at, snapshot });
    const after = withEarned({ ...common.rows, positions }, of.earned, snapshot);
    return withEarned(after, earned, snapshot);
  }
}

/** The sum of the factors' parts after the last trial. */
class PartSum {
  private readonly at: FilledAt;
  private readonly byFactor: ReadonlyMap<string, FactorPart>;
  private readonly common: Part;
  private readonly tree: SumTree<PartFigures>;
  private last: Closed = NOTHING_CLOSED;

  constructor(input: {
    readonly untouched: readonly PartFigures[];
    readonly at: FilledAt;
    readonly byFactor: ReadonlyMap<string, FactorPart>;
    readonly common: Part;
  }) {
    this.at = input.at;
    this.common = input.common;
    this.byFactor = input.byFactor;
    this.tree = new SumTree(input.untouched, addFigures);
  }

  after(closed: Closed): PartFigures {
    const changed = [...this.changedBy(closed)];
    this.tree.set(changed.map((part) => [part.index, part.after(closed, this.at)]));
    this.last = closed;
    return this.tree.total;
  }

  private changedBy(closed: Closed): Set<FactorPart> {
    const { last } = this;
    const changed = new Set<FactorPart>();
    const note = (closable: Closable) => {
      const part = this.byFactor.get(closable.factor);
      (part ?? this.common).closables.add(closable);
      if (part !== undefined) changed.add(part);
    };
    for (const [closable, quantity] of closed) {
      if (!isSame(last.get(closable), quantity)) note(closable);
    }
    for (const closable of last.keys()) if (!closed.has(closable)) note(closable);
    return changed;
  }
}

const closedOf = (closables: Iterable<Closable>, all: Closed): Closed =>
  new Map(
    [...closables].flatMap((closable) => {
      const quantity = all.get(closable);
      return quantity === undefined ? [] : [[closable, quantity] as const];
    }),
  );

const isSame = (left: Quantity | undefined, right: Quantity | undefined): boolean =>
  left === right || (left !== undefined && right !== undefined && compare(left, right) === 0);

/** The search returns to the last few quantities. */
const REMEMBERED_MAX = 4;

interface Remembered {
  readonly at: FilledAt;
  readonly quantities: readonly (Quantity | undefined)[];
  readonly figures: PartFigures;
}

interface Part {
  readonly rows: SubAccount;
  /** Its holdings that trials have closed. */
  readonly closables: Set<Closable>;
}

class FactorPart implements Part {
  readonly index: number;
  private readonly factor: string;
  readonly rows: SubAccount;
  private readonly snapshot: Snapshot;
  private readonly bookOf: PartInput['bookOf'];
  readonly closables = new Set<Closable>();
  /** The latest first. */
  private remembered: Remembered[] = [];

  constructor(
    input: PartInput & {
      readonly factor: string;
      readonly rows: SubAccount;
      readonly index: number;
    },
  ) {
    this.index = input.index;
    this.factor = input.factor;
    this.rows = input.rows;
    this.snapshot = input.snapshot;
    this.bookOf = input.bookOf;
  }

  after(all: Closed, at: FilledAt): PartFigures {
    const quantities = [...this.closables].map((closable) => all.get(closable));
    const known = this.remembered.find(
      (each) =>
        each.at === at &&
        quantities.every((quantity, index) => isSame(quantity, each.quantities[index])),
    );
    const others = this.remembered.filter((each) => each !== known);
    const latest = known ?? { at, quantities, figures: this.figuresAfter(all, at) };
    this.remembered = [latest, ...others].slice(0, REMEMBERED_MAX);
    return latest.figures;
  }

  private figuresAfter(all: Closed, at: FilledAt): PartFigures {
    const { snapshot, rows } = this;
    const closed = closedOf(this.closables, all);
    const { positions, earned } = filled(rows, { closed, at, snapshot });
    const { own, foreign } = this.splitEarned(earned, snapshot);
    const after = withEarned({ ...rows, positions }, own, snapshot);
    return { ...figuresOf(this.bookOf(after), this.policy, this.factor), earned: foreign };
  }

  private get policy(): Policy {
    return this.snapshot.policy;
  }

  private splitEarned(earned: Earned, { assets }: Snapshot) {
    const [own, foreign] = [new Map<string, Quantity>(), new Map<string, Quantity>()];
    for (const [asset, amount] of earned) {
      const terms = assets.get(asset);
      const isOwn = terms?.ok && terms.value.quoted?.factor.feed === this.factor;
      (isOwn ? own : foreign).set(asset, amount);
    }
    return { own, foreign };
  }
}
