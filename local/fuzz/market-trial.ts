/** One changed row in the market of all sound accounts. */
import type { Item } from '../../lambda/aws/attribute-values.ts';
import { PolicyError } from '../../lambda/rows/read-market.ts';
import type { RandomStream } from '../analysis/random.ts';
import type { Deck } from './deck.ts';
import type { Trial, TrialInput } from './fuzz.ts';
import { placeOf, textIn, withAttribute } from './items.ts';
import { contradiction, dependentFaults, generalFaults } from './judge.ts';
import { mutated } from './mutation.ts';
import { byPlace } from './needs.ts';
import { CheckedMarket, type DecidedAccount } from './path.ts';
import { kindOf, type Verdict, verdictOn } from './reader.ts';
import { isZeroText } from './rules.ts';
import type { SoundAccount, SoundWorld } from './sound-world.ts';
import { chance, oneOf } from './values.ts';

/** Their rules between attributes are not repeated here: a row that fits its schema may be refused. */
const RULED_FURTHER = ['policy', 'risk'];

/** Prices that a missing or stale quote may hide, as multiples of the sound one. */
const HIDDEN = { known: [0.52, 1, 1.9], unknown: [0.001, 0.5, 1, 2, 1000] };

/** Drawn more often, because they take longer to try. */
const WITH_MANY_ATTRIBUTES = ['policy', 'policy', 'policy', 'risk'];

/** How often several rows are changed at once. */
const STORM_SHARE = 0.25;
const STORM_ROWS_MAX = 6;

export class MarketTrial {
  private readonly world: SoundWorld;
  private readonly random: RandomStream;
  private readonly deck: Deck;

  constructor({ world, random, deck }: TrialInput) {
    this.world = world;
    this.random = random;
    this.deck = deck;
  }

  async run(): Promise<Trial> {
    const { world, random } = this;
    const rows = [...world.market.values()];
    const kinds = new Set(rows.map((each) => textIn(each, 'kind')));
    const kind = oneOf(random, [...kinds, ...WITH_MANY_ATTRIBUTES]);
    const original = oneOf(
      random,
      rows.filter((each) => textIn(each, 'kind') === kind),
    );
    const { item, mutation } = mutated(random, original, { table: 'market', deck: this.deck });
    const others = chance(random, STORM_SHARE) ? this.otherRows(rows) : [];
    const verdict = this.verdictOn(item);
    return {
      table: 'market',
      kind: kindOf('market', original),
      mutation,
      item,
      isReadable: verdict.isReadable,
      faults:
        others.length > 0
          ? await this.stormFaults([item, ...others])
          : await this.faults(item, verdict),
    };
  }

  private otherRows(rows: readonly Item[]): Item[] {
    const { random, deck } = this;
    const count = random.wholeBetween(1, STORM_ROWS_MAX);
    return Array.from({ length: count }, () => {
      return mutated(random, oneOf(random, rows), { table: 'market', deck }).item;
    });
  }

  /** Many changed rows at once, and the check after that: nothing throws, and no case is lost. */
  private async stormFaults(items: readonly Item[]): Promise<string[]> {
    const { world, random } = this;
    const places = items.map((item) => placeOf('market', item)).join(', ');
    const rows = [...byPlace([...world.market.values(), ...items]).values()];
    try {
      const checked = new CheckedMarket(rows, world.previousPrices);
      const next = new CheckedMarket(rows, checked.memory());
      const account = world.anyAccount(random);
      const decided = [
        await world.decideIn(checked, account),
        await world.decideIn(next, world.anyAccount(random)),
      ];
      const faults = decided.flatMap((each) => [...generalFaults(each)]);
      return faults.map((fault) => `${fault} (changed: ${places})`);
    } catch (error) {
      return error instanceof PolicyError ? [] : [`${String(error)} (changed: ${places})`];
    }
  }

  /** Only an option may be worth nothing. */
  private verdictOn(item: Item): Verdict {
    const verdict = verdictOn('market', item);
    const text = Object.hasOwn(item, 'price') ? (item.price?.N ?? item.price?.S) : undefined;
    const isWorthless = kindOf('market', item) === 'quote' && isZeroText(text ?? '1');
    if (!verdict.isReadable || !isWorthless || this.isOptionFeed(item)) return verdict;
    return { isReadable: false, why: 'a price of 0, and no option' };
  }

  private isOptionFeed(quote: Item): boolean {
    const [feed = ''] = (textIn(quote, 'id') ?? '').split('#');
    return [...this.world.market.values()].some(
      (item) => textIn(item, 'type') === 'option' && textIn(item, 'markFeed') === feed,
    );
  }

  private async faults(item: Item, verdict: Verdict): Promise<string[]> {
    const changed = new Map([...this.world.market, [placeOf('market', item), item] as const]);
    try {
      const checked = new CheckedMarket([...changed.values()], this.world.previousPrices);
      const faults = this.refusalFault(checked, item, verdict);
      const hidden = verdict.isReadable ? undefined : this.hiddenMarket(item);
      for (const account of this.someAccounts(item)) {
        const decided = await this.world.decideIn(checked, account);
        faults.push(...generalFaults(decided));
        faults.push(...(await this.otherFaults({ item, verdict, account, decided })));
        if (hidden !== undefined)
          faults.push(...(await this.hiddenFaults(hidden, account, decided)));
      }
      return faults;
    } catch (error) {
      const isPolicy = kindOf('market', item) === 'policy' && error instanceof PolicyError;
      return isPolicy ? [] : [`it threw ${String(error)}`];
    }
  }

  /** Those that rest on the row first. */
  private someAccounts(item: Item): SoundAccount[] {
    const { random, world } = this;
    const related = world.accounts.filter((account) => rests(account, item));
    const resting = related.length === 0 ? [] : [oneOf(random, related), oneOf(random, related)];
    return [...new Set([...resting, world.anyAccount(random), world.anyAccount(random)])];
  }

  private async otherFaults(of: AccountTried): Promise<string[]> {
    const { item, verdict, account, decided } = of;
    const place = placeOf('market', item);
    if (!verdict.isReadable && rests(account, item)) {
      return decided.subAccounts.flatMap((each) => {
        const needs = account.needs.get(each.assessed.position ?? '');
        return needs === undefined ? [] : [...dependentFaults({ each, needs, place, verdict })];
      });
    }
    if (verdict.isReadable && this.mayChange(account, item)) return [];
    const before = await this.world.decidedWithout(verdict.isReadable ? '' : place, account);
    if (textsOf(before) === textsOf(decided)) return [];
    return [`it touched the account ${account.accountId}, which does not rest on it`];
  }

  /** A readable row changes no account whose rows name nothing that it names. */
  private mayChange({ needs }: SoundAccount, item: Item): boolean {
    if (kindOf('market', item) === 'policy') return true;
    const { market } = this.world;
    const place = placeOf('market', item);
    const rows = [item, market.get(place) ?? item];
    const names = new Set([...rows, ...this.rowsOfClass(item)].flatMap(namesIn));
    return [...needs.values()].some(({ related }) =>
      [...related].some((each) => each === place || names.has(each.replace(/^.*?[ /]/, ''))),
    );
  }

  /** A class sets how the feeds move of all that name it. */
  private rowsOfClass(item: Item): Item[] {
    if (kindOf('market', item) !== 'risk') return [];
    const name = textIn(item, 'id');
    return [...this.world.market.values()].filter(
      (each) => textIn(each, 'riskClass') === name || textIn(each, 'id') === name,
    );
  }

  private refusalFault(checked: CheckedMarket, item: Item, verdict: Verdict): string[] {
    const place = placeOf('market', item);
    const fault = checked.reading.faults.find(({ subject }) => subject === place);
    if (!verdict.isReadable) {
      return fault === undefined ? [`an unreadable row (${verdict.why}) was read`] : [];
    }
    if (fault === undefined || RULED_FURTHER.includes(kindOf('market', item))) return [];
    return [`a readable row was refused: ${fault.detail}`];
  }

  /** The market in which the unreadable quote says a price that it may hide. */
  private hiddenMarket(item: Item): Hidden | undefined {
    const { market, isPastKnown } = this.world;
    const place = placeOf('market', item);
    const sound = market.get(place);
    const isQuote = textIn(item, 'kind') === 'quote';
    if (!isQuote || sound === undefined || this.hasOtherSource(place)) return undefined;
    const multiple = oneOf(this.random, HIDDEN[isPastKnown ? 'known' : 'unknown']);
    const rows = new Map(market).set(place, movedQuote(sound, multiple));
    const others = [...rows].map(([each, row]) => (each === place ? row : this.ofThatMarket(row)));
    return { multiple, checked: new CheckedMarket(others, new Map()) };
  }

  /** An option's price would have moved with its underlying; its volatility tells the new one. */
  private ofThatMarket(row: Item): Item {
    if (row.impliedVolatility === undefined || !this.isOptionFeed(row)) return row;
    const { price: _, ...others } = row;
    return others;
  }

  /** What is said without the quote must hold at that price. */
  private async hiddenFaults(
    { multiple, checked }: Hidden,
    account: SoundAccount,
    decided: DecidedAccount,
  ): Promise<string[]> {
    const hidden = await this.world.decideIn(checked, account);
    const isBacked = this.world.isPastKnown || !account.items.some(isCollateral);
    return decided.subAccounts.flatMap((each, at) => {
      const other = hidden.subAccounts[at];
      if (other === undefined || !contradiction(each, other, { isBacked })) return [];
      const [now, then] = [each, other].map(({ assessed }) => levelText(assessed));
      return [
        `${each.assessed.name} is ${now} without the quote, and ${then} at ${multiple} times its price`,
      ];
    });
  }

  private hasOtherSource(place: string): boolean {
    const [feed = ''] = place.split('#');
    return [...this.world.market.keys()].some(
      (each) => each !== place && each.startsWith(`${feed}#`),
    );
  }
}

/** Anything that is held and has a feed. */
const isCollateral = (item: Item): boolean =>
  (textIn(item, 'asset') ?? 'USD') !== 'USD' && !(textIn(item, 'amount') ?? '').startsWith('-');

interface Hidden {
  readonly multiple: number;
  readonly checked: CheckedMarket;
}

interface AccountTried {
  readonly item: Item;
  readonly verdict: Verdict;
  readonly account: SoundAccount;
  readonly decided: DecidedAccount;
}

/** A bare volatility moves only where there is no price. */
function movedQuote(sound: Item, multiple: number): Item {
  const name = sound.price === undefined ? 'impliedVolatility' : 'price';
  const value = Number(sound[name]?.S ?? sound[name]?.N) * multiple;
  return withAttribute(sound, name, { S: value.toPrecision(12) });
}

function rests({ needs }: SoundAccount, item: Item): boolean {
  const [feed = ''] = (textIn(item, 'id') ?? '').split('#');
  const place = placeOf('market', item);
  const name = kindOf('market', item) === 'quote' ? `feed ${feed}` : place;
  return [...needs.values()].some(({ related }) => related.has(name));
}

const textsOf = ({ subAccounts }: DecidedAccount): string =>
  subAccounts.map(({ text }) => text).join('\n');

const levelText = ({ outcome }: DecidedAccount['subAccounts'][number]['assessed']): string =>
  outcome.certainty === 'indeterminate' ? 'indeterminate' : `${outcome.certainty} ${outcome.level}`;

/** Every text in a row, and the parts of its key. */
function namesIn(item: Item): string[] {
  const texts = Object.values(item).flatMap((value) => value?.S ?? []);
  return [...texts, ...(textIn(item, 'id') ?? '').split('#')];
}
