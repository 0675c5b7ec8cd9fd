/** Runs of scheduled checks, and how they may follow each other. */
interface Run {
  readonly checkId: string;
  readonly begunAt: number;
  endedAt: number;
  /** It moved the fence, as far as anybody knows: it has a summary, and was not skipped. */
  hasRun: boolean;
  /** It put no record: it was killed, or its time was over. */
  hasDied: boolean;
}

/** A check is not overtaken within this time by the next one, and a dead one holds it up so long. */
export const HELD_MS = 60_000;

export class Runs {
  private readonly byTask = new Map<string, Run>();

  begin(task: string, checkId: string, begunAt: number): void {
    const endedAt = Number.POSITIVE_INFINITY;
    this.byTask.set(task, { checkId, begunAt, endedAt, hasRun: false, hasDied: false });
  }

  end(task: string, of: Pick<Run, 'endedAt' | 'hasRun' | 'hasDied'>): void {
    const run = this.byTask.get(task);
    if (run !== undefined) Object.assign(run, of);
  }

  checkIdOf(task: string): string | undefined {
    return this.byTask.get(task)?.checkId;
  }

  tasksOf(checkId: string): string[] {
    return [...this.byTask].flatMap(([task, run]) => (run.checkId === checkId ? [task] : []));
  }

  /** Another run of this check, or a later check, has begun; below a minute one before may be running. */
  maySkip(task: string, isBelowMinute: boolean): boolean {
    const own = this.byTask.get(task);
    if (own === undefined) return false;
    return [...this.byTask].some(([each, other]) => {
      if (each === task) return false;
      if (other.checkId >= own.checkId) return true;
      const isHeld = own.begunAt - Date.parse(other.checkId) < HELD_MS;
      return isBelowMinute && isHeld && (other.hasDied || other.endedAt > own.begunAt);
    });
  }

  *faults(): Generator<string> {
    const done = [...this.byTask].filter(([, { hasRun }]) => hasRun);
    for (const [index, [task, { checkId }]] of done.entries()) {
      const [other] = done.slice(0, index).find(([, each]) => each.checkId === checkId) ?? [];
      if (other !== undefined) yield `${task} and ${other} have both done one check`;
    }
  }
}
