/**
 * A clock that jumps from one event to the next, so that an hour takes as long as its work. Events
 * of one time come in the order in which they were set. Between two events everything goes on that
 * need not wait: the order of all work follows from the times alone.
 */

/** Every promise that was ready has been followed. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Event {
  readonly at: number;
  readonly work: () => void;
}

export class VirtualTime {
  private time: number;
  /** The next one last. */
  private readonly events: Event[] = [];

  /** @param start milliseconds since 1970 */
  constructor(start: number) {
    this.time = start;
  }

  /** Milliseconds since 1970. */
  get now(): number {
    return this.time;
  }

  /** Does the work at that time, or next if that has passed. */
  at(time: number, work: () => void): void {
    const at = Math.max(time, this.time);
    let place = this.events.length;
    while (place > 0 && (this.events[place - 1] as Event).at <= at) place--;
    this.events.splice(place, 0, { at, work });
  }

  after(milliseconds: number, work: () => void): void {
    this.at(this.time + milliseconds, work);
  }

  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }

  /** Until nothing is left to be done at that time or before. */
  async runUntil(end: number): Promise<void> {
    await settled();
    for (let next = this.events.at(-1); next && next.at <= end; next = this.events.at(-1)) {
      this.events.pop();
      this.time = next.at;
      next.work();
      await settled();
    }
    this.time = Math.max(this.time, end);
  }
}
