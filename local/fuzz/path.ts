/** Takes rows through the steps of a check, from the items of DynamoDB to the messages for SNS. */
import type { PublishBatchCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  accountSubject,
  type CheckContext,
  caseStateOf,
} from '../../lambda/accounts/account-case.ts';
import {
  type AssessedSubAccount,
  assessAccount,
  screenAccount,
} from '../../lambda/accounts/assess-account.ts';
import { CascadeGauge, cascadeSummary, notionalText } from '../../lambda/accounts/cascade-gauge.ts';
import { FeedTally } from '../../lambda/accounts/feed-tally.ts';
import { MarketCapacity } from '../../lambda/accounts/market-capacity.ts';
import { type Item, rowOf } from '../../lambda/aws/attribute-values.ts';
import { STOPWATCH } from '../../lambda/aws/stopwatch.ts';
import { Topics } from '../../lambda/aws/topics.ts';
import type { CaseState } from '../../lambda/margin/case/case.ts';
import { type Capacity, capacityOf } from '../../lambda/margin/liquidation/capacity.ts';
import { liquidatedByMove } from '../../lambda/margin/liquidation/cascade.ts';
import type { PreviousPrices, RememberedPrice } from '../../lambda/margin/market/oracle.ts';
import { type Snapshot, takeSnapshot } from '../../lambda/margin/snapshot/snapshot.ts';
import type { CaseUpdate } from '../../lambda/outbox/case-subject.ts';
import { CheckCounters } from '../../lambda/outbox/check-counters.ts';
import { publicationsOf } from '../../lambda/outbox/pending-messages.ts';
import type { StoredCase } from '../../lambda/outbox/stored-case.ts';
import { MarketRows } from '../../lambda/record/evidence.ts';
import { rememberedPrice, writeRemembered } from '../../lambda/record/recorded-feed.ts';
import { renderOutcome } from '../../lambda/record/render.ts';
import { readStored } from '../../lambda/rows/fault.ts';
import { parseExactJson, writeExactJson } from '../../lambda/rows/numeral.ts';
import type { AccountRows } from '../../lambda/rows/raw-row.ts';
import { type MarketReading, readMarket } from '../../lambda/rows/read-market.ts';
import { publishFault } from '../aws/message-limits.ts';
import { textIn } from './items.ts';
import { messageFault } from './message-schemas.ts';
import { AS_OF, GAP_SECONDS } from './world.ts';

export interface DecidedSubAccount {
  readonly assessed: AssessedSubAccount;
  readonly before: CaseState;
  readonly after: CaseState;
  readonly update: CaseUpdate | undefined;
  /** Everything that was said and decided, to the last digit. */
  readonly text: string;
  /** Messages that do not fit their schema or SNS. */
  readonly faults: readonly string[];
}

export interface DecidedAccount {
  /** The screening cleared it: healthy for certain. */
  readonly isCleared: boolean;
  readonly rows: AccountRows;
  readonly subAccounts: readonly DecidedSubAccount[];
}

/** What is decided before, by position; empty for the cross book. */
export type Cases = ReadonlyMap<string, CaseUpdate>;

export const NO_CASES: Cases = new Map();

/** One check of one market. */
export class CheckedMarket {
  readonly reading: MarketReading;
  readonly snapshot: Snapshot;
  private readonly context: Omit<CheckContext, 'capacity'>;
  private readonly capacity: Capacity;

  /** @throws PolicyError as a check does */
  constructor(items: readonly Item[], previousPrices: PreviousPrices) {
    const rows = items.map(rowOf);
    this.reading = readMarket(rows);
    const { market } = this.reading;
    const volatilities = new Map();
    const [asOf, gapSeconds] = [AS_OF, GAP_SECONDS];
    const known = { previousPrices, volatilities, gapSeconds };
    const snapshot = takeSnapshot({ market, asOf, ...known });
    this.snapshot = snapshot;
    this.capacity = capacityOf(snapshot, gapSeconds);
    this.context = {
      checkId: '2026-01-15T12:00:00Z',
      snapshot,
      marketRows: new MarketRows({ rows, snapshot, ...known }),
      deleveraging: { note: () => {}, decide: async () => {}, of: () => [] },
      stopwatch: STOPWATCH,
    };
    this.summarise([]);
  }

  /** What it leaves to the next check, written and read. @throws if it cannot be read */
  memory(): PreviousPrices {
    const memory = new Map<string, RememberedPrice>();
    for (const [feed, state] of this.snapshot.feeds) {
      if (state.memory === undefined) continue;
      const stored = parseExactJson(writeExactJson(writeRemembered(state.memory)));
      memory.set(feed, readStored(rememberedPrice, stored, `the memory of ${feed}`));
    }
    return memory;
  }

  /** All rows have the account's id. */
  async decide(items: readonly Item[], cases: Cases = NO_CASES): Promise<DecidedAccount> {
    const accountId = items[0] === undefined ? '' : (textIn(items[0], 'accountId') ?? '');
    const rows: AccountRows = { accountId, rows: items.map(rowOf) };
    const isCleared = typeof screenAccount(rows, this.snapshot) !== 'string';
    const open = [...cases.keys()].filter((position) => position !== '');
    const assessed = assessAccount(rows, this.snapshot, open);
    this.summarise(assessed);
    const subAccounts = assessed.map((each) => this.decideOne(rows, each, cases));
    return { isCleared, rows, subAccounts: await Promise.all(subAccounts) };
  }

  private async decideOne(
    rows: AccountRows,
    assessed: AssessedSubAccount,
    cases: Cases,
  ): Promise<DecidedSubAccount> {
    const capacity = new MarketCapacity(this.capacity);
    const subject = accountSubject(rows, assessed, { ...this.context, capacity });
    const stored = storedCase(subject.key, cases.get(assessed.position ?? ''));
    const update = subject.decide(stored);
    const before = caseStateOf(stored);
    const after = update === undefined ? before : caseStateOf(storedCase(subject.key, update));
    const messages = update?.messages ?? [];
    const text = JSON.stringify([renderOutcome(assessed), messages.map(({ message }) => message)]);
    return { assessed, before, after, update, text, faults: await sendingFaults(messages) };
  }

  /** What the summary and the feeds' messages take from every account. */
  private summarise(assessed: readonly AssessedSubAccount[]): void {
    const { snapshot } = this;
    const { amountPlaces } = snapshot.policy;
    const [gauge, tally] = [new CascadeGauge(snapshot), new FeedTally()];
    new CheckCounters().countAccount('', assessed);
    for (const each of assessed) {
      tally.note(each);
      if (each.book === undefined) continue;
      const liquidated = liquidatedByMove(each.book, snapshot.policy);
      if (each.outcome.certainty === 'indeterminate') gauge.addDoubtful(liquidated);
      else gauge.add(liquidated);
    }
    cascadeSummary(gauge.readings(), amountPlaces);
    notionalText(gauge.doubtfulNotional, amountPlaces);
  }
}

function storedCase(
  key: StoredCase['key'],
  update: CaseUpdate | undefined,
): StoredCase | undefined {
  if (update === undefined) return undefined;
  const { isActive } = update;
  const state = JSON.parse(JSON.stringify(update.state));
  return { key, version: 1, checkId: 'before', state, isActive, pending: [] };
}

async function sendingFaults(messages: CaseUpdate['messages']): Promise<string[]> {
  if (messages.length === 0) return [];
  const faults = messages.flatMap(({ message }) => messageFault(message) ?? []);
  const send = ({ input }: PublishBatchCommand) => {
    const fault = publishFault(input);
    if (fault !== undefined) faults.push(`SNS would refuse it: ${fault.message}`);
    const entries = input.PublishBatchRequestEntries ?? [];
    return Promise.resolve({ Successful: entries.map(({ Id }) => ({ Id })), Failed: [] });
  };
  const arns = { alerts: 'arn:aws:sns:x:1:alerts', orders: 'arn:aws:sns:x:1:orders.fifo' };
  const topics = new Topics({ sns: { send } as unknown as SNSClient, arns });
  const { failures } = await topics.publish(publicationsOf([{ checkId: 'now', messages }]));
  return [...faults, ...failures];
}
