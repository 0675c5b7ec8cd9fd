/**
 * Tries orders part by part (parts.ts): only the parts whose closed quantities have changed since
 * the last trial are filled and built again. Fills at the mark and with costs are kept apart, as
 * the search goes to and fro between them.
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

interface PartInput {
  readonly snapshot: Snapshot;
  readonly bookOf: (subAccount: SubAccount) => Book;
}

export class PartTrial {
  private readonly input: PartInput;
  private readonly common: SubAccount;
  private readonly byFactor: ReadonlyMap<string, FactorPart>;
  private readonly sums: Readonly<Record<FilledAt, PartSum>>;

  /** Undefined with fewer than two factors: the whole book is then as fast. */
  static of(subAccount: SubAccount, input: PartInput): PartTrial | undefined {
    if (subAccount.isolatedMargin !== undefined) return undefined;
    const parts = partsOf(subAccount, input.snapshot);
    return parts.byFactor.size < 2 ? undefined : new PartTrial(parts, input);
  }

  private constructor({ common, byFactor }: Parts, input: PartInput) {
    this.input = input;
    this.common = common;
    this.byFactor = new Map(
      [...byFactor].map(([factor, rows], index) => [
        factor,
        new FactorPart({ ...input, factor, rows, index }),
      ]),
    );
    const untouched = [...this.byFactor.values()].map((part) => part.after(NOTHING_CLOSED, 'mark'));
    const sumAt = (at: FilledAt) => new PartSum({ untouched, at, byFactor: this.byFactor });
    this.sums = { mark: sumAt('mark'), cost: sumAt('cost') };
  }

  /** Undefined if a part's losses on a common factor do not add up. */
  after(closed: Closed, at: FilledAt): PartsAfter | undefined {
    const { snapshot, bookOf } = this.input;
    const own = this.sums[at].after(closed);
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
    const { at } = of;
    const closed = new Map([...of.closed].filter(([{ factor }]) => !this.byFactor.has(factor)));
    const { positions, earned } = filled(this.common, { closed, at, snapshot });
    const after = withEarned({ ...this.common, positions }, of.earned, snapshot);
    return withEarned(after, earned, snapshot);
  }
}

/** The sum of the factors' parts after the last trial. */
class PartSum {
  private readonly at: FilledAt;
  private readonly byFactor: ReadonlyMap<string, FactorPart>;
  private readonly tree: SumTree<PartFigures>;
  private last: Closed = NOTHING_CLOSED;

  constructor(input: {
    readonly untouched: readonly PartFigures[];
    readonly at: FilledAt;
    readonly byFactor: ReadonlyMap<string, FactorPart>;
  }) {
    this.at = input.at;
    this.byFactor = input.byFactor;
    this.tree = new SumTree(input.untouched, addFigures);
  }

  after(closed: Closed): PartFigures {
    for (const part of this.changedBy(closed)) {
      this.tree.set(part.index, part.after(closed, this.at));
    }
    this.last = closed;
    return this.tree.total;
  }

  private changedBy(closed: Closed): Set<FactorPart> {
    const { last } = this;
    const changed = new Set<FactorPart>();
    const note = (closable: Closable) => {
      const part = this.byFactor.get(closable.factor);
      if (part === undefined) return;
      part.note(closable);
      changed.add(part);
    };
    for (const [closable, quantity] of closed) {
      if (!isSame(last.get(closable), quantity)) note(closable);
    }
    for (const closable of last.keys()) if (!closed.has(closable)) note(closable);
    return changed;
  }
}

const isSame = (left: Quantity | undefined, right: Quantity | undefined): boolean =>
  left === right || (left !== undefined && right !== undefined && compare(left, right) === 0);

/** The search returns to the last few quantities. */
const REMEMBERED_MAX = 4;

interface Remembered {
  readonly at: FilledAt;
  readonly quantities: readonly (Quantity | undefined)[];
  readonly figures: PartFigures;
}

class FactorPart {
  readonly index: number;
  private readonly factor: string;
  private readonly rows: SubAccount;
  private readonly snapshot: Snapshot;
  private readonly bookOf: PartInput['bookOf'];
  /** Those that have been closed in a trial. */
  private readonly closables = new Set<Closable>();
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

  note(closable: Closable): void {
    this.closables.add(closable);
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
    const closed = new Map(
      [...this.closables].flatMap((closable) => {
        const quantity = all.get(closable);
        return quantity === undefined ? [] : [[closable, quantity] as const];
      }),
    );
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
