/** Keeps the first of many by an order, in bounded memory. */
export class Worst<T> {
  private readonly limit: number;
  private readonly compare: (left: T, right: T) => number;
  private kept: T[] = [];
  /** All that were added. */
  count = 0;

  constructor(limit: number, compare: (left: T, right: T) => number) {
    this.limit = limit;
    this.compare = compare;
  }

  add(each: T): void {
    this.count += 1;
    this.kept.push(each);
    if (this.kept.length > 2 * this.limit + 64) this.kept = this.first();
  }

  first(): T[] {
    return this.kept.toSorted(this.compare).slice(0, this.limit);
  }
}
