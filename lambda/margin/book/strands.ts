/** Takes a factor's contributions apart by the prices in doubt that move them. */
import type { DoubtfulCurve } from '../curve/doubtful-curve.ts';
import {
  type Doubt,
  doubtOf,
  isInDoubt,
  type ResolvedPrice,
  type Width,
} from '../curve/risk-factor.ts';
import type { Strand } from '../curve/strand-piece.ts';
import { larger, ONE, type Ratio, ZERO } from '../number/decimal.ts';
import type { FactorValue, RequirementContribution } from './contribution.ts';
import { type FactorContributions, factorCurve } from './factor-curve.ts';
import { type OtherVolatilities, otherVolatilities } from './other-volatilities.ts';

export type FactorDoubt =
  /** Each may be true. */
  | { readonly curves: readonly DoubtfulCurve[] }
  /** Several prices, one of them in doubt, move something that is no sum. */
  | { readonly coupled: Width };

/** Undefined if nothing of the factor is in doubt. */
export function factorDoubt(of: FactorContributions): FactorDoubt | undefined {
  const { values, requirements } = of;
  const prices = [...values, ...requirements].flatMap(pricesOf);
  const others = otherVolatilities(of);
  const widths = [...prices.flatMap(widthOf), ...others.map(({ width }) => width)];
  if (widths.length === 0) return undefined;
  const bent = [...values.filter(isBentValue(of)), ...requirements.filter(isBent)];
  const coupled = [
    ...[...values, ...requirements].map(pricesOf),
    bent.flatMap(pricesOf),
    ...poolsOf(values).map((pool) => pool.flatMap(pricesOf)),
  ].flatMap((each) => coupling(each) ?? []);
  if (coupled.length > 0) return { coupled: widest(coupled) };
  const believed = { contributions: of, width: widest(widths) };
  return { curves: [believed, ...others].map(doubtfulCurve) };
}

function doubtfulCurve({ contributions, width }: OtherVolatilities): DoubtfulCurve {
  const groups = new Groups(contributions);
  for (const value of contributions.values) groups.add('values', value, pricesOf(value));
  for (const requirement of contributions.requirements) {
    groups.add('requirements', requirement, pricesOf(requirement));
  }
  return { ...groups.taken, width };
}

const widest = (widths: readonly Width[]): Width => (widths.includes('doubt') ? 'doubt' : 'aged');

function widthOf({ doubt, aged }: ResolvedPrice): Width[] {
  if (doubt !== undefined) return ['doubt'];
  return aged === undefined ? [] : ['aged'];
}

type Contribution = FactorValue | RequirementContribution;

function pricesOf(of: Contribution): readonly ResolvedPrice[] {
  const charged = 'chargedBy' in of ? (of.chargedBy ?? []) : [];
  return charged.length === 0 ? of.moved : [...of.moved, ...charged];
}

/** Of which feeds' doubts the sum cannot be taken apart. */
function coupling(prices: readonly ResolvedPrice[]): Width | undefined {
  const feeds = new Set(prices.map(({ feed }) => feed));
  const widths = prices.flatMap(widthOf);
  return feeds.size < 2 || widths.length === 0 ? undefined : widest(widths);
}

const isBent = ({ option, sized, scanned, hinges }: RequirementContribution): boolean =>
  [option, sized, scanned, hinges].some((part) => part !== undefined);

/** An option's value has no line; a coin takes part in its class's scan. */
const isBentValue =
  ({ requirements, isPortfolio }: FactorContributions) =>
  ({ line, settled, balance, hedgesElsewhere }: FactorValue): boolean => {
    if (balance === undefined) return line === undefined && settled === undefined;
    const isScanned = balance.terms.scannedBy !== undefined || hedgesElsewhere !== undefined;
    return isPortfolio && (isScanned || requirements.some(({ scanned }) => scanned !== undefined));
  };

/** Each coin's balance and the profits settled in it, where their sign picks the weights. */
function poolsOf(values: readonly FactorValue[]): FactorValue[][] {
  const settled = values.filter((value) => value.settled !== undefined && isWeighed(value));
  const assets = new Set(settled.map((value) => value.settled?.asset));
  return [...assets].map((asset) =>
    values.filter(
      (value) => value.settled?.asset === asset || value.balance?.terms.asset === asset,
    ),
  );
}

const isWeighed = ({ settled }: FactorValue): boolean => {
  if (settled === undefined) return false;
  const { scaling: _, initialScaling: __, ...weights } = settled.weights;
  return Object.values(weights).some((weight) => weight !== ONE);
};

class Groups {
  private readonly of: FactorContributions;
  private readonly steady: Group = { values: [], requirements: [], prices: [] };
  private readonly byFeed = new Map<string, Group>();

  /** One for all parts, as for a factor without doubt. */
  private readonly uncertainty: Ratio;

  constructor(of: FactorContributions) {
    this.of = of;
    this.uncertainty = of.values.map(({ uncertainty = ZERO }) => uncertainty).reduce(larger, ZERO);
  }

  add<Kind extends 'values' | 'requirements'>(
    kind: Kind,
    contribution: Group[Kind][number],
    prices: readonly ResolvedPrice[],
  ): void {
    const [price] = prices.filter(isInDoubt);
    const group = price === undefined ? this.steady : this.groupOf(price);
    (group[kind] as Contribution[]).push(contribution);
  }

  private groupOf(price: ResolvedPrice): Group {
    const found = this.byFeed.get(price.feed);
    if (found !== undefined) return found;
    const added = { values: [], requirements: [], prices: [price] };
    this.byFeed.set(price.feed, added);
    return added;
  }

  get taken(): Omit<DoubtfulCurve, 'width'> {
    const { factor } = this.of;
    return {
      factor: factor.feed,
      steady: this.curveOf(this.steady),
      strands: [...this.byFeed].map(([feed, group]) => this.strandOf(feed, group)),
    };
  }

  private curveOf({ values, requirements }: Group) {
    return factorCurve({ ...this.of, values, requirements, uncertainty: this.uncertainty });
  }

  private strandOf(feed: string, group: Group): Strand {
    const { factor } = this.of;
    const aged = doubtOf(group.prices, 'aged') ?? CERTAIN;
    const doubt = doubtOf(group.prices, 'doubt');
    const grid = feed === factor.feed ? factor.wideGrid : undefined;
    return { curve: this.curveOf(group), doubt, aged, grid };
  }
}

const CERTAIN: Doubt = { from: ONE, to: ONE };

interface Group {
  readonly values: FactorValue[];
  readonly requirements: RequirementContribution[];
  readonly prices: ResolvedPrice[];
}
