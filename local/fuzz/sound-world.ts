/** The outcomes of sound accounts in a sound market, which bad rows beside them must not change. */
import type { Item } from '../../lambda/aws/attribute-values.ts';
import type { PreviousPrices, RememberedPrice } from '../../lambda/margin/market/oracle.ts';
import { price } from '../../lambda/margin/number/decimal.ts';
import type { RandomStream } from '../analysis/random.ts';
import type { Finding } from './fuzz.ts';
import { type Table, textIn } from './items.ts';
import { generalFaults } from './judge.ts';
import { byPlace, type Needs, needsOf } from './needs.ts';
import { type Cases, CheckedMarket, type DecidedAccount } from './path.ts';
import { verdictOn } from './reader.ts';
import { chance, oneOf } from './values.ts';
import { AS_OF, GAP_SECONDS, SCANNED_ACCOUNT, type World } from './world.ts';

export interface SoundAccount {
  readonly accountId: string;
  readonly items: readonly Item[];
  /** By position; empty for the cross book. */
  readonly needs: ReadonlyMap<string, Needs>;
  readonly decided: DecidedAccount;
  readonly cases: Cases;
}

export class SoundWorld {
  readonly market: ReadonlyMap<string, Item>;
  readonly previousPrices: PreviousPrices;
  readonly isPastKnown: boolean;
  readonly checked: CheckedMarket;
  readonly accounts: SoundAccount[] = [];
  readonly findings: Finding[] = [];
  /** Markets without a row, by its place, and what is decided in them. */
  private readonly without = new Map<string, CheckedMarket>();
  private readonly decided = new Map<string, Promise<DecidedAccount>>();

  private constructor(world: World, isPastKnown: boolean) {
    this.market = byPlace(world.market);
    this.isPastKnown = isPastKnown;
    this.previousPrices = isPastKnown ? pastOf(world.market) : new Map();
    this.checked = new CheckedMarket(world.market, this.previousPrices);
  }

  static async of(
    world: World,
    { isPastKnown }: { readonly isPastKnown: boolean },
  ): Promise<SoundWorld> {
    const sound = new SoundWorld(world, isPastKnown);
    for (const [accountId, items] of world.accounts) {
      const decided = await sound.checked.decide(items);
      sound.accounts.push({
        accountId,
        items,
        needs: needsOf(items, sound.market),
        decided,
        cases: casesOf(decided),
      });
    }
    sound.judge();
    return sound;
  }

  /** A sound row that is refused is a fault of the reader, or of the check. */
  private judge(): void {
    const put = (table: Table, item: Item, fault: string) =>
      this.findings.push({ row: 0, table, item, fault });
    for (const item of this.market.values()) {
      const verdict = verdictOn('market', item);
      if (!verdict.isReadable) put('market', item, `a sound row is unreadable: ${verdict.why}`);
    }
    for (const { detail } of this.checked.reading.faults) put('market', {}, detail);
    for (const { items, decided } of this.accounts) {
      for (const item of items) {
        const verdict = verdictOn('accounts', item);
        if (!verdict.isReadable) put('accounts', item, `a sound row is unreadable: ${verdict.why}`);
      }
      for (const fault of generalFaults(decided)) put('accounts', items[0] ?? {}, fault);
    }
  }

  /** The outcome of an account in a market that does not have the row at all. */
  decidedWithout(place: string, account: SoundAccount): Promise<DecidedAccount> {
    const name = `${account.accountId} ${place}`;
    const known = this.decided.get(name);
    if (known !== undefined) return known;
    const found = this.decideIn(this.marketWithout(place), account);
    this.decided.set(name, found);
    return found;
  }

  private marketWithout(place: string): CheckedMarket {
    const known = this.without.get(place);
    if (known !== undefined) return known;
    const others = [...this.market].filter(([each]) => each !== place).map(([, item]) => item);
    const found = new CheckedMarket(others, this.previousPrices);
    this.without.set(place, found);
    return found;
  }

  /** With the cases that the sound check has left. */
  decideIn(checked: CheckedMarket, { items, cases }: SoundAccount): Promise<DecidedAccount> {
    return checked.decide(items, cases);
  }

  /** Few with a scan of scenarios, which takes as long as twenty others. */
  anyAccount(random: RandomStream): SoundAccount {
    const account = oneOf(random, this.accounts);
    const isScanned = account.accountId === SCANNED_ACCOUNT;
    return isScanned && chance(random, 0.8) ? oneOf(random, this.accounts) : account;
  }
}

const casesOf = ({ subAccounts }: DecidedAccount): Cases =>
  new Map(
    subAccounts.flatMap(({ assessed, update }) =>
      update?.isActive ? [[assessed.position ?? '', update] as const] : [],
    ),
  );

/** Every price as it is, believed at the check before. */
function pastOf(market: readonly Item[]): PreviousPrices {
  const past = new Map<string, RememberedPrice>();
  const publishedAt = AS_OF - GAP_SECONDS * 1000;
  for (const item of market) {
    const [feed = ''] = (textIn(item, 'id') ?? '').split('#');
    const text = item.price?.S ?? item.price?.N;
    if (textIn(item, 'kind') === 'quote' && text !== undefined) {
      past.set(feed, { price: price(text), publishedAt });
    }
  }
  return past;
}
