/**
 * A sum of which single terms change: halves, quarters and so on are kept, so a change costs log n
 * additions. The sum depends on the terms alone, not on the way to them, to the last digit.
 */
export class SumTree<T> {
  private readonly add: (left: T, right: T) => T;
  private readonly count: number;
  /** Node i is the sum of nodes 2i and 2i + 1; the terms begin at `count`. */
  private readonly nodes: T[];

  /** @param terms at least one */
  constructor(terms: readonly T[], add: (left: T, right: T) => T) {
    this.add = add;
    this.count = terms.length;
    this.nodes = [...terms, ...terms];
    for (let node = this.count - 1; node > 0; node--) this.sumUp(node);
  }

  get total(): T {
    return this.nodes[1] as T;
  }

  set(terms: readonly (readonly [index: number, term: T])[]): void {
    const above = new Set<number>();
    for (const [index, term] of terms) {
      this.nodes[this.count + index] = term;
      for (let node = (this.count + index) >> 1; node > 0 && !above.has(node); node >>= 1) {
        above.add(node);
      }
    }
    for (const node of [...above].sort((left, right) => right - left)) this.sumUp(node);
  }

  /** With one term changed for this call. */
  totalWith(index: number, term: T): T {
    const before = this.nodes[this.count + index] as T;
    this.set([[index, term]]);
    const { total } = this;
    this.set([[index, before]]);
    return total;
  }

  private sumUp(node: number): void {
    this.nodes[node] = this.add(this.nodes[2 * node] as T, this.nodes[2 * node + 1] as T);
  }
}
