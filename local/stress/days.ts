/**
 * The largest fall of a price within one UTC day: from its highest price to the lowest one after it.
 * Measured on published price histories of one venue each; where only the day's bar is known, from
 * its open to its low.
 */
import {
  ONE,
  type Ratio,
  ratio,
  ratioBetween,
  roundDown,
  subtract,
} from '../../lambda/margin/number/decimal.ts';

interface Fall {
  readonly coin: string;
  readonly from: string;
  readonly to: string;
  /** Which history it was measured on. */
  readonly source: string;
}

const DAILY_BTC = 'BTC/USD, day, open to low';

const FALLS: ReadonlyMap<string, readonly Fall[]> = new Map(
  Object.entries({
    '2017-12-22': [{ coin: 'BTC', from: '15758.8', to: '10400', source: DAILY_BTC }],
    '2018-01-16': [{ coin: 'BTC', from: '13590', to: '9928.62', source: DAILY_BTC }],
    // The hours that local/demo/black-thursday.ts replays: the high of 00:00, the low of 23:00.
    '2020-03-12': [{ coin: 'BTC', from: '7966.08', to: '4600', source: 'BTC/USD, hours' }],
    '2021-05-19': [{ coin: 'BTC', from: '42865.05', to: '30000', source: DAILY_BTC }],
    '2022-06-13': [{ coin: 'BTC', from: '26555.17', to: '21920', source: DAILY_BTC }],
    '2025-04-06': [{ coin: 'SOL', from: '121.07', to: '103.72', source: 'SOL/USDT, 5 minutes' }],
    '2025-10-10': [{ coin: 'AVAX', from: '28.63', to: '6.02', source: 'AVAX perpetual, minutes' }],
  }),
);

export const DAYS: readonly string[] = [...FALLS.keys()];

export interface DayFall extends Fall {
  /** Below 0, to a hundredth of a percent. */
  readonly move: Ratio;
}

/** Undefined for a day that is not in the table. */
export const fallsOf = (day: string): DayFall[] | undefined =>
  FALLS.get(day)?.map((fall) => ({ ...fall, move: moveOf(fall) }));

const PLACES = 4;

const moveOf = ({ from, to }: Fall): Ratio =>
  subtract(roundDown(ratioBetween(ratio(to), ratio(from)), PLACES), ONE);

/** `BTC-USD`, `BTC/USDT`, `BTC_USDC`: the coin's price in dollars. */
export function coinOf(factor: string): string | undefined {
  return /^([A-Z0-9]+)[-/_]USD[TC]?$/i.exec(factor)?.[1]?.toUpperCase();
}
