/** Every attribute of every schema with every type of value, each once before any comes again. */
import type { RandomStream } from '../analysis/random.ts';
import type { Table } from './items.ts';
import { attributeNames, ROW_KINDS } from './reader.ts';
import { TYPES, type Type } from './values.ts';

export interface Pair {
  readonly name: string;
  readonly type: Type;
}

export class Deck {
  private readonly left = new Map<string, Pair[]>();
  private readonly drawn = new Set<string>();

  /** Undefined for a kind without attributes. */
  draw(
    random: RandomStream,
    of: { readonly table: Table; readonly kind: string },
  ): Pair | undefined {
    const name = `${of.table}-${of.kind}`;
    const known = this.left.get(name) ?? [];
    const left = known.length > 0 ? known : pairsOf(of);
    const [pair] = left.splice(random.wholeBetween(0, left.length - 1), 1);
    this.left.set(name, left);
    if (pair !== undefined) this.drawn.add(`${name} ${pair.name} ${pair.type}`);
    return pair;
  }

  get coverage(): { readonly drawn: number; readonly all: number } {
    return { drawn: this.drawn.size, all: ROW_KINDS.flatMap(pairsOf).length };
  }
}

const pairsOf = ({ table, kind }: { readonly table: Table; readonly kind: string }): Pair[] =>
  attributeNames(table, kind).flatMap((name) => TYPES.map((type) => ({ name, type })));
