import { DayMarket } from '../../../local/demo/book/day-market.ts';
import type { Prices } from '../../../local/demo/feeds.ts';
import type { VenueMarket } from '../../../local/demo/venue-market.ts';

export const FLAT_PRICES: Prices = {
  'BTC-USD': '5000.00',
  'ETH-USD': '100.00',
  'LINK-USD': '2.0000',
  'USDC-USD': '1.0000',
  'BTC-27MAR20': '5000.00',
};

/** So deep that no order of a test moves it by the last digit. */
const DEEP_USD = 1e18;

export function flatMarket({ prices = FLAT_PRICES, depthUsd = DEEP_USD } = {}): VenueMarket {
  const day = new DayMarket([prices], 500);
  return {
    traded: (order) => day.traded(order),
    priceAt: (feed, timeMs) => day.priceAt(feed, timeMs),
    depthAt: () => depthUsd,
  };
}
