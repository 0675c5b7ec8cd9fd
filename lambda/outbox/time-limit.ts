/** The time after which a check begins nothing new, because its function is about to be stopped. */

/** For what has begun, and for the summary. */
const RESERVE_MS = 15_000;
const RESERVE_SHARE = 0.2;

/** Of the whole time: for decisions about what the scan has found. */
const DECISIONS_SHARE = 0.3;

/** Milliseconds until the function is stopped. */
export type TimeLeft = () => number;

export const UNLIMITED_TIME: TimeLeft = () => Number.POSITIVE_INFINITY;

export class TimeLimit {
  private readonly timeLeft: TimeLeft;
  private readonly reserve: number;
  private readonly forDecisions: number;

  constructor(timeLeft: TimeLeft = UNLIMITED_TIME) {
    this.timeLeft = timeLeft;
    const whole = timeLeft();
    this.reserve = Math.min(RESERVE_MS, whole * RESERVE_SHARE);
    this.forDecisions = whole === Number.POSITIVE_INFINITY ? 0 : whole * DECISIONS_SHARE;
  }

  get isOver(): boolean {
    return this.timeLeft() < this.reserve;
  }

  /** A scan that goes on would leave no time for what it has found. */
  get isScanOver(): boolean {
    return this.timeLeft() < this.reserve + this.forDecisions;
  }
}

/** The work was not begun. */
export class TimeOverError extends Error {
  override readonly name = 'TimeOverError';

  constructor() {
    super('not begun, because the function is about to be stopped: a check takes too long');
  }
}
