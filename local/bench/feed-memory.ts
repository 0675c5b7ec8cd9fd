/**
 * `npm run bench:feed-memory`: what the memory of feeds costs in DynamoDB, from the very pages that
 * checks write: units of a check, and dollars a month, by feeds and interval.
 */
import { price } from '../../lambda/margin/number/decimal.ts';
import {
  codeOf,
  type RankedScores,
  withScore,
} from '../../lambda/margin/statistics/ranked-scores.ts';
import {
  type ForecastMemory,
  startForecast,
} from '../../lambda/margin/statistics/shock-forecast.ts';
import {
  areScoresDue,
  type FeedPages,
  feedsOn,
  packFeeds,
  packScores,
} from '../../lambda/record/feed-pages.ts';
import { type PageWrite, packedText, readPackedPage } from '../../lambda/record/packed-page.ts';
import type { RecordedFeed } from '../../lambda/record/recorded-feed.ts';
import { type RandomStream, randomStream } from '../analysis/random.ts';
import { tableOf } from '../cli/table.ts';

const FEEDS = 200;
const INTERVALS = [60, 10];
const MONTH_SECONDS = 30 * 86_400;
/** A few writes of the scores. */
const CYCLE_SECONDS = 3000;
const START = Date.UTC(2026, 0, 1);
/** On-demand, us-east-1, per million. A strongly consistent read takes 4 KB, a write 1 KB. */
const DOLLARS = { read: 0.125, write: 0.625 };
const UNIT_BYTES = { read: 4096, write: 1024 };
/** Keys, checkId and the item's own names. */
const ITEM_BYTES = 80;
const WINDOW = { last: 1000, ranks: 51 };
const SCORES = 1500;

const random = randomStream(1, 'feed memory');

const scoresAfter = (count: number, before: RankedScores, of: RandomStream): RankedScores =>
  Array.from({ length: count }).reduce<RankedScores>(
    (scores) => withScore(scores, codeOf(Math.abs(of.normal())), WINDOW),
    before,
  );

function forecastAfter({ scores, ...memory }: ForecastMemory, gaps: number): ForecastMemory {
  const begun = {
    fall: Math.abs(random.normal()) / 1000,
    rise: Math.abs(random.normal()) / 1000,
    moved: random.normal() / 1000,
    seconds: 60.123,
    volatility: 0.5 + random.uniform(),
  };
  return {
    ...memory,
    ...{ isRanged: true, gaps: 12, open: [begun] },
    variance: random.uniform(),
    alpha: { down: random.uniform() / 50, up: random.uniform() / 50 },
    scores: {
      down: scoresAfter(gaps, scores.down, random),
      up: scoresAfter(gaps, scores.up, random),
    },
  };
}

function feedAfter(
  before: RecordedFeed | undefined,
  { asOf, gaps }: { readonly asOf: number; readonly gaps: number },
): RecordedFeed {
  const now = price((60_000 * (1 + random.uniform())).toFixed(2));
  const publishedAt = asOf - random.wholeBetween(500, 3000);
  const sources = { pyth: publishedAt, chainlink: publishedAt - 700 };
  return {
    scoresOnPage: before?.scoresOnPage,
    price: { price: now, publishedAt, unchangedSince: publishedAt, sources },
    volatility: {
      annualVariance: random.uniform(),
      price: now,
      publishedAt,
      forecast: forecastAfter(before?.volatility?.forecast ?? startForecast(1, 0.01), gaps),
    },
  };
}

type Kind = 'feeds' | 'scores';

class Pages {
  private pages: FeedPages = { feeds: [], scores: [] };
  readonly units = { read: 0, write: 0 };

  /** What a check reads before it writes. */
  read(asOf: number): ReadonlyMap<string, RecordedFeed> {
    const units = (kind: Kind) =>
      this.pages[kind].reduce((sum, { text = '' }) => sum + unitsOf(bytesOf(text), 'read'), 0);
    // The scores are read without the strong consistency that costs twice as much.
    this.units.read += units('feeds') + units('scores') / 2;
    return feedsOn(this.pages, asOf).feeds;
  }

  keep(feeds: ReadonlyMap<string, RecordedFeed>, asOf: number): void {
    const checkId = new Date(asOf).toISOString();
    const isDue = areScoresDue(this.pages, feeds, asOf);
    this.put('feeds', packFeeds(this.pages, feeds), checkId);
    if (isDue) this.put('scores', packScores(this.pages, feeds), checkId);
  }

  private put(kind: Kind, writes: readonly PageWrite[], checkId: string): void {
    const written = writes.flatMap(({ number, text }) => {
      this.units.write += unitsOf(bytesOf(text), 'write');
      const row = { pk: kind, sk: `page-${number}`, checkId, feeds: packedText(text) };
      return readPackedPage(kind, row) ?? [];
    });
    const left = this.pages[kind].filter(
      ({ number }) => !written.some((page) => page.number === number),
    );
    this.pages = { ...this.pages, [kind]: [...left, ...written] };
  }
}

const bytesOf = (text: string): number => packedText(text).length + ITEM_BYTES;
const unitsOf = (bytes: number, of: keyof typeof UNIT_BYTES): number =>
  Math.ceil(bytes / UNIT_BYTES[of]);

function cycle(intervalSeconds: number) {
  const pages = new Pages();
  const names = Array.from({ length: FEEDS }, (_, index) => `COIN${index}-USD`);
  const step = (second: number, gaps: number) => {
    const asOf = START + second * 1000;
    const before = pages.read(asOf);
    const feeds = names.map((name) => [name, feedAfter(before.get(name), { asOf, gaps })] as const);
    pages.keep(new Map(feeds), asOf);
  };
  step(0, SCORES);
  Object.assign(pages.units, { read: 0, write: 0 });
  const checks = CYCLE_SECONDS / intervalSeconds;
  for (let check = 1; check <= checks; check++) step(check * intervalSeconds, 1);
  const perCheck = (units: number) => units / checks;
  const month = MONTH_SECONDS / intervalSeconds;
  const dollars = (of: keyof typeof DOLLARS) =>
    (perCheck(pages.units[of]) * month * DOLLARS[of]) / 1e6;
  return {
    intervalSeconds,
    reads: perCheck(pages.units.read),
    writes: perCheck(pages.units.write),
    dollars: dollars('read') + dollars('write'),
  };
}

const rows = INTERVALS.map(cycle).map(({ intervalSeconds, reads, writes, dollars }) => [
  `${intervalSeconds} s`,
  reads.toFixed(1),
  writes.toFixed(1),
  dollars.toFixed(2),
]);
process.stdout.write(
  `Memory of ${FEEDS} feeds with all their scores\n` +
    `${tableOf(['interval', 'read units a check', 'write units a check', 'USD a month'], rows)}\n`,
);
