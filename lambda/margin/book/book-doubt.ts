/** What may be true of a book instead of the believed prices. */
import type { MovingPrice, ResolvedPrice, Width } from '../curve/risk-factor.ts';
import type { Standing } from '../market/oracle.ts';
import type { Policy } from '../market/policy.ts';
import type { Reason, ReasonCode } from '../number/reason.ts';
import { type Arranged, type ArrangedBalance, isOnPortfolio } from './arrange.ts';
import type { BookDoubt, CrossExposure, NetPosition } from './book.ts';
import type { FactorContributions } from './factor-curve.ts';
import { initialPriceSpread } from './initial-price.ts';
import { Reasons } from './reasons.ts';
import { optionSpreads } from './spread.ts';
import { type FactorDoubt, factorDoubt } from './strands.ts';

export interface DoubtOf {
  readonly arranged: Arranged;
  readonly factors: readonly FactorContributions[];
  readonly prices: readonly MovingPrice[];
  readonly crosses: readonly CrossExposure[];
  readonly isPortfolio: boolean;
  readonly policy: Policy;
}

/** Undefined if every price may be relied on. */
export function bookDoubt(of: DoubtOf): BookDoubt | undefined {
  const { arranged, factors } = of;
  const seconds = secondPrices(arranged);
  const prices = [...of.prices, ...factors.flatMap(chargingPrices), ...seconds];
  const inDoubt = prices.filter(({ standing }) => standing !== 'fresh');
  if (inDoubt.length === 0 && arranged.unpriced.length === 0) return undefined;
  const doubts = factors.map(factorDoubt).filter((doubt) => doubt !== undefined);
  const options = arranged.netPositions.flatMap((position) => quoteDoubt(position, of));
  const coupled = [...doubts.map(coupledBy), ...options.map(({ coupled: by }) => by)];
  return {
    curves: doubts.flatMap((doubt) => ('curves' in doubt ? doubt.curves : [])),
    spreads: [
      ...arranged.unpriced,
      ...options.flatMap(({ spreads }) => spreads),
      ...heldIn(arranged).flatMap(initialPriceSpread),
    ],
    coupled: widest(coupled.filter((width) => width !== undefined)),
    isOnlyAged: arranged.unpriced.length === 0 && !inDoubt.some(isMore),
    isAged: prices.some(({ aged }) => aged !== undefined) || hasAgedOption(arranged),
    reasons: distinct([...arranged.unpricedReasons, ...inDoubt.filter(isMore).flatMap(reasonOf)]),
    agedReasons: distinct(inDoubt.filter((price) => !isMore(price)).flatMap(reasonOf)),
  };
}

/** A charge may depend on a price that moves no value, such as a stablecoin's. */
const chargingPrices = ({ requirements }: FactorContributions): readonly ResolvedPrice[] =>
  requirements.flatMap(({ chargedBy = [] }) => chargedBy);

const heldIn = ({ balances, isolatedMargin }: Arranged): readonly ArrangedBalance[] =>
  isolatedMargin === undefined ? balances : [...balances, isolatedMargin];

const NO_PRICES: readonly ResolvedPrice[] = [];

/** Its age alone speaks against no liquidation, which no initial requirement decides. */
function secondPrices(arranged: Arranged): readonly ResolvedPrice[] {
  const held = heldIn(arranged);
  if (!held.some(({ terms }) => terms.initialPrice?.doubt !== undefined)) return NO_PRICES;
  return held.flatMap(({ terms: { initialPrice } }) =>
    initialPrice?.doubt === undefined ? [] : [{ ...initialPrice, aged: undefined }],
  );
}

/** Many holdings may rest on one feed. */
function distinct(reasons: readonly Reason[]): readonly Reason[] {
  const all = new Reasons();
  for (const reason of reasons) all.add(reason);
  return all.all;
}

const hasAgedOption = ({ netPositions }: Arranged): boolean =>
  netPositions.some(({ terms }) => terms.kind === 'option' && terms.quoteAged !== undefined);

const coupledBy = (doubt: FactorDoubt): Width | undefined =>
  'coupled' in doubt ? doubt.coupled : undefined;

const widest = (widths: readonly Width[]): Width | undefined =>
  widths.includes('doubt') ? 'doubt' : widths[0];

/** Nothing limits a scan of an option that never had a quote. */
function quoteDoubt(
  position: NetPosition,
  { isPortfolio, policy }: Pick<DoubtOf, 'isPortfolio' | 'policy'>,
): Pick<BookDoubt, 'spreads' | 'coupled'> {
  const { terms } = position;
  if (terms.kind !== 'option') return { spreads: [] };
  if (!isOnPortfolio(terms, isPortfolio)) {
    return { spreads: optionSpreads(position, { terms, policy }) };
  }
  const isUnlimited = terms.quoteDoubt !== undefined && terms.quoteDoubt.ends === undefined;
  return { spreads: [], coupled: isUnlimited ? 'doubt' : undefined };
}

const isMore = ({ standing }: ResolvedPrice): boolean => standing !== 'aged';

const CODES: Readonly<Record<Exclude<Standing, 'fresh'>, ReasonCode>> = {
  aged: 'price-too-old-to-act',
  stale: 'price-stale',
  suspect: 'price-suspect',
  'first-print': 'price-unconfirmed',
};

function reasonOf({ feed, standing, why }: ResolvedPrice): Reason[] {
  if (standing === 'fresh' || why === undefined) return [];
  return [{ code: CODES[standing], subject: feed, detail: why }];
}
