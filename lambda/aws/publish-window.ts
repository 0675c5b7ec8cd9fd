/**
 * How many batches are on their way to one topic at once. More while they are answered, half as many
 * after one that was not: a topic that throttles is asked for less, and one that is away hardly at all.
 */

const AT_FIRST = 3;
/** The SDK's client has 50 sockets, for two topics. */
export const BATCHES_AT_ONCE_MAX = 16;

/** The SDK has tried each of them several times: the topic is away, or throttled. */
const UNANSWERED_MAX = 3;

export class PublishWindow {
  private size = AT_FIRST;
  private sending = 0;
  /** Batches in a row that no answer came to. */
  private unanswered = 0;
  private readonly waiting: (() => void)[] = [];

  get isAway(): boolean {
    return this.unanswered >= UNANSWERED_MAX;
  }

  /** Works once there is room; in the order of the calls. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.sending >= Math.floor(this.size))
      await new Promise<void>((go) => this.waiting.push(go));
    else this.sending++;
    try {
      return await work();
    } finally {
      this.sending--;
      this.admit();
    }
  }

  answered(): void {
    this.unanswered = 0;
    // By one each time that so many were answered.
    this.size = Math.min(BATCHES_AT_ONCE_MAX, this.size + 1 / this.size);
  }

  notAnswered(): void {
    this.unanswered++;
    this.shrink();
  }

  shrink(): void {
    this.size = Math.max(1, Math.floor(this.size / 2));
  }

  private admit(): void {
    while (this.sending < Math.floor(this.size)) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      this.sending++;
      next();
    }
  }
}
