/** What must hold after every step: of each write of the margin table, and of each message. */
import { gunzipSync } from 'node:zlib';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { messageSchemas } from '../../lambda/messages/message-schemas.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import type { Item } from '../aws/attribute-value.ts';
import type { Change } from '../aws/memory-table.ts';
import type { Coverage } from './coverage.ts';
import { type Call, Grace } from './grace.ts';
import type { PolicyPlan } from './history.ts';

export type Plan = Extract<Message, { readonly type: 'liquidation.ordered' }>;

interface Known {
  readonly body: string;
  readonly message: Message;
}

/** Cases of accounts, and what is no memory of scheduled checks. */
const EVENTS_MAY_WRITE = /^(account#|event\/|events\/|capacity\/|certificates\/)/;

export class Watch {
  readonly violations: string[] = [];
  readonly alerts = new Map<string, Known>();
  readonly orders = new Map<string, Known>();
  private readonly coverage: Coverage;
  /** Contents of what was ever pending, by message id. */
  private readonly decided = new Map<string, string>();

  /** Since when no plan may leave, by the policy row. */
  private readonly stopped: Record<'halt' | 'observe', number | undefined> = {
    halt: undefined,
    observe: undefined,
  };
  /** By case, and the check that decided it. */
  private readonly lastPlans = new Map<string, { generation: number; checkId: string }>();
  private readonly policy: PolicyPlan;
  private readonly grace: Grace;

  constructor(coverage: Coverage, policy: PolicyPlan, intervalSeconds = 60) {
    this.coverage = coverage;
    this.policy = policy;
    this.grace = new Grace(policy, intervalSeconds);
  }

  violate(what: string): void {
    this.violations.push(what);
  }

  /** Of the policy row. */
  policyWritten({ newImage }: Change, now: number): void {
    const isStopped = {
      halt: newImage?.halt?.BOOL === true,
      observe: newImage?.mode?.S === 'observe',
    };
    for (const how of ['halt', 'observe'] as const) {
      this.stopped[how] = isStopped[how] ? (this.stopped[how] ?? now) : undefined;
    }
  }

  /** @param by the run that publishes */
  publishedPlan(
    { planId, caseId = '', generation }: Pick<Plan, 'planId' | 'caseId' | 'generation'>,
    by: { readonly checkId: string; readonly startedAt: number },
  ): void {
    const { checkId, startedAt } = by;
    const last = this.lastPlans.get(caseId);
    if (last !== undefined && last.generation > generation && checkId >= last.checkId) {
      this.violate(`${planId} left after generation ${last.generation} had taken its place`);
    }
    for (const [how, since] of Object.entries(this.stopped)) {
      if (since !== undefined && since < startedAt) {
        this.violate(`${planId} left ${startedAt - since} ms after ${how}`);
      }
    }
  }

  /** Versions go up by one; check ids and generations never go back. */
  written({ newImage, oldImage }: Change): void {
    const name = `${newImage?.pk?.S}/${newImage?.sk?.S}`;
    const [checkBefore = '', checkNow = ''] = [oldImage?.checkId?.S, newImage?.checkId?.S];
    if (newImage !== undefined && checkNow < checkBefore) {
      this.violate(`${name}: written by ${checkNow} after ${checkBefore}`);
    }
    if (checkNow.includes('~') && !EVENTS_MAY_WRITE.test(name)) {
      this.violate(`${name}: written by the event check ${checkNow}`);
    }
    if (newImage?.version === undefined) return;
    if (name === 'check/latest') this.grace.fence(checkNow, completedIn(newImage));
    const [before, after] = [numberOf(oldImage?.version), numberOf(newImage.version)];
    if (oldImage !== undefined && after !== before + 1) {
      this.violate(`${name}: version ${before} was followed by ${after}`);
    }
    this.endsWithAWord(name, oldImage, newImage);
    this.keepsItsTime(newImage);
    this.generationsRise(name, oldImage, newImage);
    this.notePending(name, newImage);
  }

  /** A case that ends, or makes room for another, says so. */
  private endsWithAWord(name: string, oldImage: Item | undefined, newImage: Item): void {
    const [before, now] = [openIn(oldImage), openIn(newImage)];
    if (before === undefined || before.caseId === now?.caseId) return;
    const ids = deliveriesIn(newImage).map(({ M }) => M?.messageId?.S ?? '');
    const isSaid = ids.some((id) => /\/(margin-call\.cured|liquidation\.completed)$/.test(id));
    if (!isSaid) this.violate(`${name}: ${before.caseId} ended without a word`);
  }

  private keepsItsTime(newImage: Item): void {
    const open = openIn(newImage);
    const early = open?.call && this.grace.wrote(open.caseId, open.call);
    if (early !== undefined) this.violate(early);
  }

  private generationsRise(name: string, oldImage: Item | undefined, newImage: Item): void {
    const [before, now] = [openIn(oldImage), openIn(newImage)];
    const generation = now?.plan?.generation ?? 0;
    if (now !== undefined && generation > (this.lastPlans.get(now.caseId)?.generation ?? 0)) {
      this.lastPlans.set(now.caseId, { generation, checkId: newImage.checkId?.S ?? '' });
    }
    if (before === undefined || now === undefined || before.caseId !== now.caseId) return;
    if ((now.plan?.generation ?? 0) < (before.plan?.generation ?? 0)) {
      this.violate(
        `${name}: generation ${before.plan?.generation} was followed by ${now.plan?.generation}`,
      );
    }
    this.plansWait(name, before.plan, now.plan);
    if (before.level === 'liquidation' && now.level === 'call') {
      this.violate(`${name}: a liquidation became a call within one case`);
    }
  }

  /** A plan is followed by another after its cooldown or its expiry, and by one more. */
  private plansWait(name: string, before: SentPlan | undefined, now: SentPlan | undefined): void {
    if (before === undefined || now === undefined || now.generation === before.generation) return;
    const cooled = before.sentAt + this.policy.liquidationCooldownSeconds * 1000;
    if (now.generation !== before.generation + 1) this.violate(`${name}: a generation is missing`);
    if (now.sentAt < Math.min(cooled, before.expiresAt)) {
      this.violate(`${name}: generation ${now.generation} came before its time`);
    }
  }

  /** One id has one content, also before it is published. */
  private notePending(name: string, item: Item): void {
    for (const { M: delivery } of deliveriesIn(item)) {
      const { S: id = '' } = delivery?.messageId ?? {};
      const packed = Buffer.from(delivery?.message?.B ?? []).toString('latin1');
      const before = this.decided.get(id) ?? packed;
      if (before !== packed && unpacked(before) !== unpacked(packed)) {
        this.violate(`${name}: two contents of ${id}`);
      }
      this.decided.set(id, packed);
    }
  }

  heardAlert(body: string): Message | undefined {
    return this.heard(this.alerts, body);
  }

  heardOrder(body: string): Message | undefined {
    return this.heard(this.orders, body);
  }

  private heard(all: Map<string, Known>, body: string): Message | undefined {
    const message = JSON.parse(body) as Message;
    const known = all.get(message.id);
    if (known !== undefined) {
      this.coverage.count('messages', 'repeated');
      if (known.body !== body) this.violate(`two contents were sent as ${message.id}`);
      return known.message;
    }
    const parsed = messageSchemas[message.type].safeParse(message);
    if (!parsed.success) this.violate(`${message.id} is not as its schema says: ${parsed.error}`);
    all.set(message.id, { body, message });
    this.keepsGrace(message);
    if (all === this.alerts) this.coverage.count('messages', message.type);
    if (message.type === 'liquidation.withheld') {
      for (const { code } of message.reasons) this.coverage.count('withheld for', code);
    }
    return message;
  }

  /** Owners have the whole time that the policy gives them. */
  private keepsGrace(message: Message): void {
    const asOf = Date.parse(message.asOf);
    if (message.type === 'margin-call.issued') {
      const given = Date.parse(message.deadline) - asOf;
      if (given < this.policy.callGraceSeconds * 1000) {
        this.violate(`${message.id} gives ${given} ms`);
      }
    }
    if (message.type === 'margin-call.expired' && asOf < Date.parse(message.deadline)) {
      this.violate(`${message.id} comes before its deadline`);
    }
    if ('isObserved' in message && message.isObserved && this.orders.has(message.id)) {
      this.violate(`${message.id} is observed, and went to the execution system`);
    }
  }

  get plans(): Plan[] {
    const all = [...this.orders.values()].map(({ message }) => message);
    return all.filter((message): message is Plan => message.type === 'liquidation.ordered');
  }
}

const numberOf = (value: Item[string] | undefined): number => Number(value?.N ?? 0);

interface SentPlan {
  readonly generation: number;
  readonly sentAt: number;
  readonly expiresAt: number;
}

interface Open {
  readonly caseId: string;
  readonly level: string;
  readonly plan?: SentPlan;
  readonly call?: Call;
}

const deliveriesIn = ({ pending }: Item) =>
  (pending?.L ?? []).flatMap(({ M: decision }) => decision?.deliveries?.L ?? []);

const openIn = (item: Item | undefined): Open | undefined => {
  const open = item?.state?.M?.open?.M;
  return open && (unmarshall(open) as Open);
};

const completedIn = ({ state }: Item): number | undefined => {
  const { N } = state?.M?.completedAsOf ?? {};
  return N === undefined ? undefined : Number(N);
};

const unpacked = (bytes: string): string => gunzipSync(Buffer.from(bytes, 'latin1')).toString();
