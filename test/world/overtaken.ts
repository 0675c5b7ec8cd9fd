/**
 * A run that was overtaken decides and publishes nothing more: it looks at the fence before it
 * decides, and again between what it wrote and what it publishes.
 */
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { PublishBatchCommand } from '@aws-sdk/client-sns';
import type { Message } from '../../lambda/messages/messages.ts';
import type { Item } from '../aws/attribute-value.ts';

interface OvertakenInput {
  readonly checkIdOf: (task: string) => string | undefined;
  readonly stored: (table: string | undefined, key: Item) => Item | undefined;
  readonly violate: (what: string) => void;
}

/**
 * Claims are paid in the order of the ledger, whichever check books them, and a check that was late
 * was late whatever came after.
 */
const TRUE_LATER: ReadonlySet<Message['type']> = new Set([
  'fund.drawn',
  'loss.socialized',
  'check.late',
]);

export class Overtaken {
  private readonly input: OvertakenInput;
  /** Runs that have read that a later check began. */
  private readonly aware = new Set<string>();
  private steps = 0;
  /** When each run looked at the fence last, and when it wrote a decision with a message. */
  private readonly looked = new Map<string, number>();
  private readonly written = new Map<string, number>();
  /** The newest check that has begun. */
  private latest = '';

  constructor(input: OvertakenInput) {
    this.input = input;
  }

  before(command: object, task: string): void {
    const own = this.input.checkIdOf(task);
    if (own === undefined || !(command instanceof PutItemCommand)) return;
    const { TableName, Item: item = {} } = command.input;
    const { pk, sk, checkId } = item;
    if (pk?.S === undefined || sk?.S === undefined) return;
    if (sk.S === 'latest' && (checkId?.S ?? '') > this.latest) this.latest = checkId?.S ?? '';
    if (!hasDecisionOf(item, own)) return;
    const before = this.input.stored(TableName, { pk, sk } as Item);
    // To take what was published off a case is no decision.
    if (before !== undefined && hasDecisionOf(before, own)) return;
    this.steps++;
    for (const id of messageIdsIn(item, own)) this.written.set(`${task} ${id}`, this.steps);
    // The fund's ledger has an order of its own: no check books after a later one has booked.
    if (this.aware.has(task) && pk.S !== 'fund') {
      this.input.violate(`${task}, overtaken, decided about ${pk.S}/${sk.S}`);
    }
  }

  after(command: object, answer: { readonly Item?: Item }, task: string): void {
    const own = this.input.checkIdOf(task);
    const isFence = command instanceof GetItemCommand && command.input.Key?.sk?.S === 'latest';
    if (own === undefined || !isFence) return;
    this.looked.set(task, ++this.steps);
    if ((answer.Item?.checkId?.S ?? '') > own) this.aware.add(task);
  }

  publishes({ input }: PublishBatchCommand, task: string): void {
    const own = this.input.checkIdOf(task);
    if (own === undefined || own >= this.latest) return;
    for (const { Message: body = '' } of input.PublishBatchRequestEntries ?? []) {
      const { id, type } = messageIn(body);
      if (TRUE_LATER.has(type)) continue;
      const writtenAt = this.written.get(`${task} ${id}`) ?? 0;
      if (this.aware.has(task) || (this.looked.get(task) ?? 0) < writtenAt) {
        this.input.violate(`${task}, overtaken, published ${id}`);
      }
    }
  }
}

/** An alert has a text for each protocol, and the message as the default. */
function messageIn(body: string): Message {
  const parsed = JSON.parse(body) as Message | { readonly default: string };
  return 'default' in parsed ? (JSON.parse(parsed.default) as Message) : parsed;
}

const decisionsOf = ({ pending }: Item, checkId: string) =>
  (pending?.L ?? []).filter(({ M }) => M?.checkId?.S === checkId);

const hasDecisionOf = (item: Item, checkId: string): boolean =>
  decisionsOf(item, checkId).length > 0;

const messageIdsIn = (item: Item, checkId: string): string[] =>
  decisionsOf(item, checkId)
    .flatMap(({ M }) => M?.deliveries?.L ?? [])
    .flatMap(({ M }) => M?.messageId?.S ?? []);
