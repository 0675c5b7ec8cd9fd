/** One changed row in an account of its own, beside the sound accounts. */
import type { Item } from '../../lambda/aws/attribute-values.ts';
import type { RandomStream } from '../analysis/random.ts';
import type { Deck } from './deck.ts';
import type { Trial, TrialInput } from './fuzz.ts';
import { itemOf, placeOf, withAttribute } from './items.ts';
import { accountFaults } from './judge.ts';
import { mutated } from './mutation.ts';
import type { DecidedAccount } from './path.ts';
import { kindOf, verdictOn } from './reader.ts';
import type { SoundAccount, SoundWorld } from './sound-world.ts';
import { chance, oddText, oneOf } from './values.ts';

/** After how many of the rows a sound account is decided again. */
const NEIGHBOUR_SHARE = 0.1;

export class AccountTrial {
  private readonly world: SoundWorld;
  private readonly random: RandomStream;
  private readonly deck: Deck;

  constructor({ world, random, deck }: TrialInput) {
    this.world = world;
    this.random = random;
    this.deck = deck;
  }

  async run(): Promise<Trial> {
    const { random, world } = this;
    const base = world.anyAccount(random);
    const original = this.rowFor(base);
    const { item, mutation } = mutated(random, original, { table: 'accounts', deck: this.deck });
    const id = { S: chance(random, 0.02) ? oddText(random) || 'x' : base.accountId };
    const others = base.items.filter((each) => {
      return ![placeOf('accounts', original), placeOf('accounts', item)].includes(
        placeOf('accounts', each),
      );
    });
    const items = [...others, item].map((each) => withAttribute(each, 'accountId', id));
    const changed = withAttribute(item, 'accountId', id);
    return {
      table: 'accounts',
      kind: kindOf('accounts', original),
      mutation,
      item: changed,
      isReadable: verdictOn('accounts', changed).isReadable,
      faults: await this.faults(base, items),
    };
  }

  /** One of the account's, of another account's, or a new one. */
  private rowFor(base: SoundAccount): Item {
    const { random, world } = this;
    const own = chance(random, 0.6) ? base : world.anyAccount(random);
    const profile = itemOf({ accountId: base.accountId, item: 'profile' });
    const found = chance(random, 0.1) ? profile : oneOf(random, own.items);
    return withAttribute(found, 'accountId', { S: base.accountId });
  }

  private async faults(base: SoundAccount, items: readonly Item[]): Promise<string[]> {
    const { checked, market } = this.world;
    try {
      const decided = await checked.decide(items, base.cases);
      return [...accountFaults({ decided, items, market }), ...(await this.neighbourFaults())];
    } catch (error) {
      return [`it threw ${String(error)}`];
    }
  }

  private async neighbourFaults(): Promise<string[]> {
    if (!chance(this.random, NEIGHBOUR_SHARE)) return [];
    const { accountId, items, decided } = this.world.anyAccount(this.random);
    const again = await this.world.checked.decide(items);
    return textOf(again) === textOf(decided) ? [] : [`it touched the account ${accountId}`];
  }
}

const textOf = ({ subAccounts }: DecidedAccount): string =>
  subAccounts.map(({ text }) => text).join('\n');
