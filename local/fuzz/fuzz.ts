/** Changes rows at random, takes them through a check, and gathers what is wrong. */
import type { Item } from '../../lambda/aws/attribute-values.ts';
import { type RandomStream, randomStream } from '../analysis/random.ts';
import { AccountTrial } from './account-trial.ts';
import { Deck } from './deck.ts';
import type { Table } from './items.ts';
import { MarketTrial } from './market-trial.ts';
import { SoundWorld } from './sound-world.ts';
import { chance } from './values.ts';
import { randomWorld } from './world.ts';

export interface Finding {
  /** Counted from 1; 0 for the sound rows themselves. */
  readonly row: number;
  readonly table: Table;
  readonly item: Item;
  /** One line. */
  readonly fault: string;
}

export interface FuzzResult {
  readonly rows: number;
  readonly unreadable: number;
  /** By `<table> <kind> <change>`. */
  readonly kinds: ReadonlyMap<string, number>;
  /** Attributes with each type of value: how many were tried, of how many. */
  readonly coverage: Deck['coverage'];
  readonly findings: readonly Finding[];
}

export interface TrialInput {
  readonly world: SoundWorld;
  readonly random: RandomStream;
  readonly deck: Deck;
}

/** What was tried of one row. */
export interface Trial {
  readonly table: Table;
  readonly kind: string;
  readonly mutation: string;
  readonly item: Item;
  readonly isReadable: boolean;
  readonly faults: readonly string[];
}

const ROWS_PER_WORLD = 500;
/** A market row costs a whole check. */
const MARKET_SHARE = 0.25;

export async function fuzz(of: {
  readonly seed: number;
  readonly rows: number;
  readonly onRow?: (done: number, trial: Trial) => void;
}): Promise<FuzzResult> {
  const { seed, rows, onRow = () => {} } = of;
  const findings: Finding[] = [];
  const kinds = new Map<string, number>();
  const deck = new Deck();
  let unreadable = 0;
  let world: SoundWorld | undefined;
  for (let row = 1; row <= rows; row++) {
    if (world === undefined || row % ROWS_PER_WORLD === 1) {
      world = await worldOf(seed, row);
      findings.push(...world.findings);
    }
    const trial = await trialOf({ world, deck, random: randomStream(seed, `row ${row}`) });
    const { table, item, kind, mutation } = trial;
    findings.push(...trial.faults.map((fault) => ({ row, table, item, fault })));
    if (!trial.isReadable) unreadable++;
    const name = `${table} ${kind} ${mutation}`;
    kinds.set(name, (kinds.get(name) ?? 0) + 1);
    onRow(row, trial);
  }
  return { rows, unreadable, kinds, coverage: deck.coverage, findings };
}

function worldOf(seed: number, row: number): Promise<SoundWorld> {
  const random = randomStream(seed, `world ${row}`);
  return SoundWorld.of(randomWorld(random), { isPastKnown: chance(random, 0.5) });
}

const trialOf = (input: TrialInput): Promise<Trial> =>
  chance(input.random, MARKET_SHARE) ? new MarketTrial(input).run() : new AccountTrial(input).run();
