/** What happened in a run of histories, so that "no failure" cannot mean "nothing happened". */

export type Counts = Record<string, Record<string, number>>;

export class Coverage {
  readonly counts: Counts = {};

  count(kind: string, name: string, times = 1): void {
    const names = this.counts[kind] ?? {};
    names[name] = (names[name] ?? 0) + times;
    this.counts[kind] = names;
  }

  add(counts: Counts): void {
    for (const [kind, names] of Object.entries(counts)) {
      for (const [name, times] of Object.entries(names)) this.count(kind, name, times);
    }
  }
}
