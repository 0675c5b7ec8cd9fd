/**
 * An independent reading of the second portfolio model of Derive, from its published formulas: plain
 * float64, one pass, nothing shared with the core.
 */
import normalCdf from '@stdlib/stats-base-dists-normal-cdf';

export interface PmrmScenario {
  readonly spot: number;
  readonly vol: 'up' | 'none' | 'down' | 'linear' | 'absolute';
  readonly weight: number;
}

export interface PmrmParameters {
  readonly scenarios: readonly PmrmScenario[];
  readonly volUp: number;
  readonly volDown: number;
  readonly shortPower: number;
  readonly longPower: number;
  readonly floorDays: number;
  /** A lower rate counts as this. */
  readonly rateFloor: number;
  readonly volFloor: number;
  readonly skew: {
    readonly linearCap: number;
    readonly linearPerRoot: number;
    readonly absoluteCap: number;
    readonly absolutePerRoot: number;
    readonly minimum: number;
    readonly width: number;
    readonly vol: number;
    readonly volPerRoot: number;
  };
  readonly long: Discounting;
  readonly short: Discounting;
  readonly basis: { readonly up: number; readonly down: number; add: number; mult: number };
  readonly imFactor: number;
  readonly mmFactor: number;
  readonly peg: { readonly threshold: number; readonly factor: number };
  /** Maintenance, and what initial adds. */
  readonly perpetual: { readonly mm: number; readonly im: number };
  readonly option: { readonly mm: number; readonly im: number };
  readonly confidence: { readonly threshold: number; readonly factor: number };
}

interface Discounting {
  readonly base: number;
  readonly mult: number;
  readonly add: number;
}

export interface PmrmExpiry {
  /** Seconds; 0 once expired. */
  readonly seconds: number;
  readonly fixed: number;
  readonly variable: number;
  readonly rate: number;
  /** The lowest of forward, rate and volatilities. */
  readonly score: number;
  readonly options: readonly PmrmOption[];
}

export interface PmrmOption {
  readonly isCall: boolean;
  readonly strike: number;
  readonly vol: number;
  readonly amount: number;
}

export interface PmrmCoin {
  readonly value: number;
  readonly isRiskCancelling: boolean;
  readonly mmHaircut: number;
  /** In addition to that of maintenance. */
  readonly imHaircut: number;
  readonly score: number;
}

export interface PmrmBook {
  readonly cash: number;
  readonly spot: number;
  readonly spotScore: number;
  readonly stable: number;
  readonly perpetual: {
    readonly amount: number;
    readonly price: number;
    readonly profit: number;
    readonly score: number;
  };
  readonly expiries: readonly PmrmExpiry[];
  readonly coins: readonly PmrmCoin[];
}

export function pmrm(given: PmrmBook, parameters: PmrmParameters): { im: number; mm: number } {
  const expiries = given.expiries.map((expiry) => {
    return { ...expiry, rate: Math.max(expiry.rate, parameters.rateFloor) };
  });
  const book = { ...given, expiries };
  let worst = basisLoss(book, parameters);
  for (const scenario of parameters.scenarios) {
    worst = Math.min(worst, profitIn(book, scenario, parameters));
  }
  const { maintenance, initial } = contingencies(book, parameters);
  let value = book.cash + book.perpetual.profit;
  for (const expiry of book.expiries) value += valueIn(expiry, 1, 'none', parameters);
  for (const coin of book.coins) value += coin.value;
  const { peg, imFactor, mmFactor } = parameters;
  const pegged = imFactor + peg.factor * Math.max(peg.threshold - book.stable, 0);
  return {
    mm: mmFactor * worst - maintenance + value,
    im: pegged * worst - initial - maintenance + value,
  };
}

function profitIn(book: PmrmBook, scenario: PmrmScenario, parameters: PmrmParameters): number {
  const { spot, vol, weight } = scenario;
  let profit = book.perpetual.amount * book.perpetual.price * (spot - 1) * weight;
  for (const expiry of book.expiries) {
    const shocked = valueIn(expiry, spot, vol, parameters);
    const discounted = shocked * (shocked >= 0 ? longOf : shortOf)(expiry, parameters);
    const gained = (discounted - valueIn(expiry, 1, 'none', parameters)) * weight;
    profit += vol === 'linear' || vol === 'absolute' ? -Math.abs(gained) : gained;
  }
  for (const coin of book.coins) {
    if (coin.isRiskCancelling) profit += coin.value * (spot - 1) * weight;
  }
  return profit;
}

const yearsOf = ({ seconds }: PmrmExpiry): number => seconds / 31_536_000;

function longOf(expiry: PmrmExpiry, { long }: PmrmParameters): number {
  const rate = Math.max(0, expiry.rate);
  return long.base * Math.exp(-yearsOf(expiry) * (rate * long.mult + long.add));
}

function shortOf(expiry: PmrmExpiry, { short }: PmrmParameters): number {
  const rate = Math.max(0, expiry.rate);
  const grown = short.base * Math.exp(yearsOf(expiry) * (rate * short.mult + short.add));
  return Math.min(1 / Math.exp(-expiry.rate * yearsOf(expiry)), grown);
}

function basisLoss({ expiries }: PmrmBook, parameters: PmrmParameters): number {
  const { up, down, add, mult } = parameters.basis;
  let loss = 0;
  for (const expiry of expiries) {
    const now = valueIn(expiry, 1, 'none', parameters);
    const risen = valueIn(expiry, up, 'none', parameters) - now;
    const fallen = valueIn(expiry, down, 'none', parameters) - now;
    loss += Math.min(risen, fallen, 0) * (add + mult * yearsOf(expiry));
  }
  return loss;
}

/** A skew leaves the forward where it is. */
function valueIn(
  expiry: PmrmExpiry,
  spot: number,
  vol: PmrmScenario['vol'],
  parameters: PmrmParameters,
): number {
  const isSkew = vol === 'linear' || vol === 'absolute';
  const forward = expiry.fixed + expiry.variable * (isSkew ? 1 : spot);
  let value = 0;
  for (const option of expiry.options) {
    const shocked = volOf(option, expiry, vol, parameters);
    value += option.amount * black(option, forward, shocked, expiry);
  }
  return value;
}

function volOf(
  { vol: now, strike }: PmrmOption,
  expiry: PmrmExpiry,
  direction: PmrmScenario['vol'],
  parameters: PmrmParameters,
): number {
  const days = expiry.seconds / 86_400;
  const { floorDays, shortPower, longPower, volUp, volDown, volFloor, skew } = parameters;
  const term = (30 / Math.max(days, floorDays)) ** (days <= 30 ? shortPower : longPower);
  if (direction === 'none') return now;
  if (direction === 'up') return Math.max(volFloor, now * (1 + volUp * term));
  if (direction === 'down') return now * Math.max(0, 1 - volDown * term);
  const root = Math.sqrt(yearsOf(expiry));
  const k = Math.log(strike / (expiry.fixed + expiry.variable));
  const reach = Math.max(skew.minimum, root * skew.width * (skew.vol + root * skew.volPerRoot));
  const isLinear = direction === 'linear';
  const cap = isLinear
    ? skew.linearCap + skew.linearPerRoot * root
    : skew.absoluteCap + skew.absolutePerRoot * root;
  const tilt = ((isLinear ? k : Math.abs(k)) * cap) / reach;
  return now * Math.max(0, 1 + Math.min(cap, Math.max(-cap, tilt)));
}

function black({ isCall, strike }: PmrmOption, forward: number, vol: number, expiry: PmrmExpiry) {
  const deviation = vol * Math.sqrt(yearsOf(expiry));
  const discount = Math.exp(-expiry.rate * yearsOf(expiry));
  const paid = Math.max(isCall ? forward - strike : strike - forward, 0);
  if (deviation === 0) return discount * paid;
  const above = Math.log(forward / strike) / deviation + deviation / 2;
  const call = isCall ? 1 : -1;
  const [first, second] = [above, above - deviation].map((d) => normalCdf(call * d, 0, 1));
  return discount * call * (forward * (first as number) - strike * (second as number));
}

function contingencies(book: PmrmBook, { perpetual, option, confidence }: PmrmParameters) {
  const { spot, spotScore, perpetual: held } = book;
  const charge = (score: number, notional: number) =>
    score < confidence.threshold ? (1 - score) * confidence.factor * notional : 0;
  const notional = Math.abs(held.amount) * spot;
  const score = held.amount === 0 ? spotScore : Math.min(spotScore, held.score);
  let maintenance = perpetual.mm * notional;
  let initial = perpetual.im * notional + charge(score, notional);
  for (const expiry of book.expiries) {
    const byStrike = new Map<number, number>();
    let gross = 0;
    for (const { strike, amount } of expiry.options) {
      byStrike.set(strike, (byStrike.get(strike) ?? 0) + amount);
      gross += Math.abs(amount);
    }
    let naked = 0;
    for (const net of byStrike.values()) naked += Math.max(0, -net);
    maintenance += option.mm * naked * spot;
    initial += option.im * naked * spot;
    initial += charge(Math.min(score, expiry.score), gross * spot);
  }
  for (const coin of book.coins) {
    maintenance += coin.mmHaircut * coin.value;
    initial += coin.imHaircut * coin.value + charge(Math.min(coin.score, spotScore), coin.value);
  }
  return { maintenance, initial };
}
