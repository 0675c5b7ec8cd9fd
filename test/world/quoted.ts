/** What the feeds were told, and which of it was true. */
import { CLOCK_SKEW_MS_MAX } from '../../lambda/margin/number/limits.ts';
import { FEEDS, LIE, OLD } from './actors.ts';
import { type Feed, SOURCES } from './book.ts';
import type { Minute } from './history.ts';

interface Told {
  readonly at: number;
  readonly price: number;
  /** Sources that said this price, and sources that said another. */
  readonly honest: number;
  readonly liars: number;
  /** The liar put an old price over a newer one. */
  readonly isOld: boolean;
}

function sourcesOf(quotes: Minute['quotes'], all: number): Pick<Told, 'honest' | 'liars'> {
  switch (quotes) {
    case 'all':
      return { honest: all, liars: 0 };
    case 'one source':
      return { honest: 1, liars: 0 };
    case 'one lies':
      return { honest: all - 1, liars: 1 };
    case 'all jump':
      return { honest: 0, liars: all };
    case 'old':
      return { honest: 0, liars: 1 };
    case 'none':
      return { honest: 0, liars: 0 };
  }
}

const JUST_MS = 20_000;

/** float64 against the four places of a quote. */
export const isNear = (left: number, right: number): boolean => Math.abs(left / right - 1) < 1e-4;

export class Quoted {
  private readonly told: Readonly<Record<Feed, Told[]>> = { 'BTC-USD': [], 'ETH-USD': [] };
  /** When a check first kept what it knew of feeds. */
  firstCheck: number | undefined;

  note(
    { quotes }: Pick<Minute, 'quotes'>,
    prices: Readonly<Record<Feed, number>>,
    at: number,
  ): void {
    for (const feed of FEEDS) {
      const sources = sourcesOf(quotes, SOURCES[feed].length);
      if (sources.honest + sources.liars > 0) {
        this.told[feed].push({ at, price: prices[feed], ...sources, isOld: quotes === 'old' });
      }
    }
  }

  /**
   * What each source said last when it was honest; sources need not agree. After a jump of a lone
   * source the belief may be a print behind, and is as young as the print that it is doubted by. A
   * check whose reading takes long may find younger quotes than its own time.
   */
  honest(feed: Feed, asOf: number): Pick<Told, 'price' | 'at'>[] {
    const told = this.toldBefore(feed, asOf + CLOCK_SKEW_MS_MAX);
    const isAlone = SOURCES[feed].length === 1;
    return SOURCES[feed].flatMap((_, index) => {
      // A liar is the first source; the only honest one is, too.
      const own = told.filter(({ honest, liars }) =>
        liars === 0 ? honest > index : honest > 0 && index >= liars,
      );
      const before = own.filter(({ at }) => at <= asOf).slice(isAlone ? -2 : -1);
      const at = (isAlone ? told : before).findLast((each) => each.at <= asOf)?.at ?? asOf;
      const after = own.filter((each) => each.at > asOf);
      return [...before.map(({ price }) => ({ price, at })), ...after];
    });
  }

  /** The price that two sources or more have just agreed on. */
  agreed(feed: Feed, asOf: number): number | undefined {
    const last = this.toldBefore(feed, asOf).at(-1);
    return last !== undefined && last.honest > 1 && asOf - last.at < JUST_MS
      ? last.price
      : undefined;
  }

  /** A careless writer has just put this price over a quote that a check has read. */
  oldNews(feed: Feed, asOf: number): number | undefined {
    const last = this.toldBefore(feed, asOf).at(-1);
    if (!last?.isOld || this.firstCheck === undefined || asOf - last.at > JUST_MS) return undefined;
    const read = this.toldBefore(feed, this.firstCheck).at(-1);
    return read?.isOld === false ? last.price * OLD : undefined;
  }

  /** Whether a believed price is none that any honest source said. */
  isLie(feed: Feed, believed: number, asOf: number): boolean {
    const told = this.toldBefore(feed, asOf + CLOCK_SKEW_MS_MAX);
    const isTrue = told.some(({ price, honest }) => honest > 0 && isNear(believed, price));
    const isFalse = told.some(({ price }) => [LIE, OLD].some((by) => isNear(believed, price * by)));
    return isFalse && !isTrue;
  }

  /**
   * All sources at once, the only source twice, or what the first check found: nothing was known
   * before.
   */
  mayBeBelieved(feed: Feed, asOf: number): boolean {
    const all = SOURCES[feed].length;
    const byAll = this.toldBefore(feed, asOf + CLOCK_SKEW_MS_MAX).filter(
      ({ liars }) => liars === all,
    ).length;
    // A first check that found nothing leaves what is said next as the first that is known.
    const atFirst = this.toldBefore(feed, this.firstCheck ?? asOf).at(-1) ?? this.told[feed][0];
    return atFirst?.honest === 0 || byAll > (all === 1 ? 1 : 0);
  }

  private toldBefore(feed: Feed, time: number): Told[] {
    return this.told[feed].filter(({ at }) => at <= time);
  }
}
