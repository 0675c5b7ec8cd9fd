/** Scenarios as a grid: price moves down, volatility shocks across; the worst cell is marked. */
import { groupBy } from '../../../lambda/margin/number/group-by.ts';
import { tableOf } from '../table.ts';
import { figure, money, type Portfolio } from './format.ts';

type Scenario = Portfolio['scenarios'][number];
type Filling = Portfolio['maintenance']['filling'];

const PROFITS = { none: 'profit', buys: 'profitBuysFilled', sells: 'profitSellsFilled' } as const;
const VOLS = ['up', 'none', 'down'] as const;
const VOL_HEADINGS = { up: 'vol up', none: 'vol unchanged', down: 'vol down' } as const;
const WORST = '▶ ';

/** Uses the `filling` of open orders with the largest maintenance requirement. */
export function gridOf({ scenarios, maintenance: { filling } }: Portfolio): string {
  const profits = scenarios.map((each) => profitOf(each, filling));
  const worst = profits.indexOf(Math.min(...profits));
  const vols = VOLS.filter((vol) => scenarios.some((each) => each.vol === vol));
  const placed = scenarios.map((scenario, index) => ({ scenario, index }));
  const rows = [...groupBy(placed, ({ scenario }) => moveOf(scenario))]
    .map(([move, cells]) => ({ move, cells, order: orderOf(cells[0]?.scenario) }))
    .sort((left, right) => left.order - right.order)
    .map(({ move, cells }) => [
      move,
      ...vols.map((vol) => {
        const found = cells.find(({ scenario }) => scenario.vol === vol);
        if (found === undefined) return '';
        return `${found.index === worst ? WORST : ''}${money(profits[found.index] ?? 0)}`;
      }),
    ]);
  return tableOf(['price', ...vols.map((vol) => VOL_HEADINGS[vol])], rows);
}

const profitOf = (scenario: Scenario, filling: Filling): number =>
  Number(scenario[PROFITS[filling]] ?? scenario.profit);

/** `+13.5 %`, `-66 % × 0.21`, `0 %, days forward 1` */
function moveOf({ priceMultiplier, weight, daysForward, skew }: Scenario): string {
  const move = (Number(priceMultiplier) - 1) * 100;
  const weighed = weight === '1' ? '' : ` × ${weight}`;
  const days = daysForward === undefined ? '' : `, days forward ${daysForward}`;
  const tilt = skew === undefined ? '' : `, ${skew.of} skew ${steepness(skew)}`;
  return `${move > 0 ? '+' : ''}${figure(move)} %${weighed}${days}${tilt}`;
}

const steepness = (skew: NonNullable<Scenario['skew']>): string =>
  'slope' in skew ? skew.slope : `up to ${skew.cap}`;

/** Prices from high to low; special scenarios last. */
const orderOf = (scenario: Scenario | undefined): number => {
  if (scenario === undefined) return 0;
  const isSpecial = scenario.daysForward !== undefined || scenario.skew !== undefined;
  return (isSpecial ? LAST : 0) - Number(scenario.priceMultiplier);
};

const LAST = 1e9;
