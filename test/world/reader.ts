/**
 * An independent reader: judges a margin account by the published formulas (DESIGN 2 and 4, MARGIN
 * 1, 4 and 5), apart from the product's own core, so that the two can be held against each other.
 *
 * It computes in float64 and by plain evaluation. All curves are straight between kinks, so their
 * extremes over a range of prices lie at the ends, at kinks, and where two of them cross.
 */

export interface PriceRange {
  readonly low: number;
  readonly high: number;
}

export interface ReaderFeed {
  /** The believed price. */
  readonly price: number;
  /** U, as a fraction of the price. */
  readonly uncertainty: number;
  /** Where the price may be because it may not be relied on; includes `price`. */
  readonly doubt?: PriceRange | undefined;
  /** Counts in rows 1 and 2 only. */
  readonly aged?: PriceRange | undefined;
  /** Λ as it is held, as fractions of the price. */
  readonly shockDown: number;
  readonly shockUp: number;
}

export interface ReaderPolicy {
  /** ℓ */
  readonly liquidationMultiplier: number;
  /** c */
  readonly callMultiplier: number;
  readonly callAt: 'maintenance' | 'initial';
  /** A debt below one place is dust. */
  readonly amountPlaces: number;
  readonly latencyBuffer: 'standard' | 'none';
  /** φ; only 0 is covered. */
  readonly jointShockWeight: number;
}

export interface ReaderAsset {
  readonly feed: string;
  /** w */
  readonly collateralWeight: number;
  /** v */
  readonly liabilityWeight: number;
}

export interface ReaderInstrument {
  readonly underlying: string;
  readonly settlementAsset: string;
  readonly contractSize: number;
  readonly inverse: boolean;
  readonly riskClass: string;
}

export interface ReaderTier {
  /** Notional from which the rates apply. */
  readonly floor: number;
  readonly initial: number;
  readonly maintenance: number;
}

export type ReaderMargin =
  | { readonly type: 'flat'; readonly initial: number; readonly maintenance: number }
  | { readonly type: 'tiered'; readonly tiers: readonly ReaderTier[] };

export interface ReaderMarket {
  readonly policy: ReaderPolicy;
  /** `undefined`: never had a price. */
  readonly feeds: ReadonlyMap<string, ReaderFeed | undefined>;
  /** Without the numeraire, which has no feed and a weight of 1. */
  readonly assets: ReadonlyMap<string, ReaderAsset>;
  readonly instruments: ReadonlyMap<string, ReaderInstrument>;
  readonly riskClasses: ReadonlyMap<string, { readonly margin: ReaderMargin }>;
}

/** Five numbers and two more. ±Infinity where nothing limits a price. */
export interface ReaderFigure {
  readonly low: number;
  readonly least: number;
  readonly point: number;
  readonly most: number;
  readonly high: number;
  /** `high` with the ranges of aged prices. */
  readonly agedHigh: number;
  /** The greatest low at any one price of the doubt. */
  readonly greatestLow: number;
}

export interface ReaderFigures {
  readonly equity: ReaderFigure;
  /** Surplus over each line. */
  readonly liquidation: ReaderFigure;
  readonly call: ReaderFigure;
  readonly restore: ReaderFigure;
}

export type ReaderLevel = 'healthy' | 'call' | 'liquidation' | 'deficit' | 'indeterminate';

export interface Verdict {
  /** Of the table in DESIGN 4. Row 2 needs the case: see `expiry`. */
  readonly row: 0 | 1 | 3 | 4 | 5 | 6;
  readonly level: ReaderLevel;
  readonly certainty: 'certain' | 'uncertain' | 'indeterminate';
  readonly isLiquidationWithheld: boolean;
  /**
   * How near a comparison that decided was to 0, as a fraction of the account's size. Leave out
   * verdicts whose margin float64 cannot resolve.
   */
  readonly margin: number;
}

/** What the rows of the verdict take beside the figures. */
interface Scale {
  /** Sum of the sizes of all terms at the highest prices; figures are exact to a part of it. */
  readonly size: number;
  /** Present where nothing is held but debts: a smaller one is row 0. */
  readonly leastClaim?: number | undefined;
}

export interface Judgement extends Verdict, Scale {
  /** `<instrument>[#<label>]`; undefined for the cross book. */
  readonly position: string | undefined;
  readonly figures: ReaderFigures;
  /** Row 2: whether a call that has expired liquidates, where rows 0 and 1 do not hold. */
  readonly expiry: { readonly isLiquidation: boolean; readonly margin: number };
  /**
   * A contract on a feed that never had a price is inverse, has open orders or labels that net.
   * Here it is bounded over the prices [0, ∞); the product bounds it more widely, which is sound.
   */
  readonly isUnpricedContract: boolean;
  /**
   * A line bends within a doubt. `most`, `high` and `greatestLow` are exact here; the product may
   * bound them from above.
   */
  readonly isBent: boolean;
}

/** Thrown for whatever this reader does not know: the caller leaves the account out. */
export class NotCovered extends Error {
  override readonly name = 'NotCovered';

  constructor(what: string) {
    super(`the reader does not cover ${what}`);
  }
}

type Row = Readonly<Record<string, unknown>>;

/** One judgement per sub-account: the cross book first, then each isolated position. */
export function judge(rows: readonly Row[], market: ReaderMarket): Judgement[] {
  if (market.policy.jointShockWeight !== 0) throw new NotCovered('a jointShockWeight above 0');
  return subAccountsOf(rows, market).map((subAccount) => judgeSubAccount(subAccount, market));
}

// Rows to holdings.

const NUMERAIRE = 'USD';

interface Contract {
  readonly instrument: ReaderInstrument;
  readonly bands: readonly Band[];
  /** The labels of one instrument net. */
  quantity: number;
  /** Σ q·entry, or Σ q/entry if inverse. */
  entered: number;
  /** The sums of the amounts, as if no label netted. */
  quantityGross: number;
  enteredGross: number;
  openBuy: number;
  openSell: number;
}

interface SubAccount {
  readonly position: string | undefined;
  /** By asset. */
  readonly balances: Map<string, number>;
  readonly contracts: Map<string, Contract>;
}

function subAccountsOf(rows: readonly Row[], market: ReaderMarket): SubAccount[] {
  const cross: SubAccount = { position: undefined, balances: new Map(), contracts: new Map() };
  const isolated: SubAccount[] = [];
  for (const row of rows) {
    const [kind] = textOf(row, 'item').split('#');
    if (kind === 'profile') refuseProfile(row);
    else if (kind === 'balance') addBalanceRow(cross, row);
    else if (kind !== 'position') throw new NotCovered(`a row ${textOf(row, 'item')}`);
    else if (isAbsent(row, 'isolatedMargin')) addPosition(cross, row, market);
    else isolated.push(isolatedOf(row, market));
  }
  return [cross, ...isolated];
}

function isolatedOf(row: Row, market: ReaderMarket): SubAccount {
  const position = textOf(row, 'item').slice('position#'.length);
  const subAccount: SubAccount = { position, balances: new Map(), contracts: new Map() };
  const { settlementAsset } = instrumentOf(textOf(row, 'instrument'), market);
  addBalance(subAccount, settlementAsset, numberOf(row, 'isolatedMargin'));
  addPosition(subAccount, row, market);
  return subAccount;
}

function refuseProfile(row: Row): void {
  const model = row.marginModel ?? 'standard';
  if (model !== 'standard') throw new NotCovered(`marginModel ${model}`);
}

const BALANCE_NAMES = ['accountId', 'item', 'asset', 'amount'];
const POSITION_NAMES = [
  'accountId',
  'item',
  'instrument',
  'quantity',
  'entryPrice',
  'isolatedMargin',
  'openBuyQuantity',
  'openSellQuantity',
];

function addBalanceRow(subAccount: SubAccount, row: Row): void {
  refuseOthers(row, BALANCE_NAMES);
  addBalance(subAccount, textOf(row, 'asset'), numberOf(row, 'amount'));
}

function addBalance({ balances }: SubAccount, asset: string, amount: number): void {
  balances.set(asset, (balances.get(asset) ?? 0) + amount);
}

function addPosition({ contracts }: SubAccount, row: Row, market: ReaderMarket): void {
  refuseOthers(row, POSITION_NAMES);
  const name = textOf(row, 'instrument');
  const contract = contracts.get(name) ?? newContract(name, market);
  const quantity = numberOf(row, 'quantity', 0);
  if (quantity !== 0) {
    const entry = numberOf(row, 'entryPrice');
    const entered = contract.instrument.inverse ? quantity / entry : quantity * entry;
    contract.entered += entered;
    contract.enteredGross += Math.abs(entered);
  }
  contract.quantity += quantity;
  contract.quantityGross += Math.abs(quantity);
  contract.openBuy += numberOf(row, 'openBuyQuantity', 0);
  contract.openSell += numberOf(row, 'openSellQuantity', 0);
  contracts.set(name, contract);
}

function newContract(name: string, market: ReaderMarket): Contract {
  const instrument = instrumentOf(name, market);
  const riskClass = market.riskClasses.get(instrument.riskClass);
  if (riskClass === undefined)
    throw new NotCovered(`risk class ${instrument.riskClass}, which is not in its market`);
  const bands = bandsOf(riskClass.margin);
  const sums = { quantity: 0, entered: 0, quantityGross: 0, enteredGross: 0 };
  return { instrument, bands, ...sums, openBuy: 0, openSell: 0 };
}

function instrumentOf(name: string, market: ReaderMarket): ReaderInstrument {
  const instrument = market.instruments.get(name);
  if (instrument === undefined)
    throw new NotCovered(`instrument ${name}, which is not in its market`);
  const { inverse, settlementAsset, underlying } = instrument;
  // Anything else depends on two prices, and the documents add the factors up.
  const isOneFactor = inverse
    ? market.assets.get(settlementAsset)?.feed === underlying
    : settlementAsset === NUMERAIRE;
  if (!isOneFactor) throw new NotCovered(`instrument ${name} settling in ${settlementAsset}`);
  return instrument;
}

function assetOf(name: string, market: ReaderMarket): ReaderAsset {
  const asset = market.assets.get(name);
  if (asset === undefined) throw new NotCovered(`asset ${name}, which is not in its market`);
  if (asset.collateralWeight > 1 || asset.liabilityWeight < 1) {
    throw new NotCovered(`the weights of asset ${name}`);
  }
  return asset;
}

const isAbsent = (row: Row, name: string): boolean => row[name] === undefined || row[name] === null;

function textOf(row: Row, name: string): string {
  const value = row[name];
  if (typeof value !== 'string') throw new NotCovered(`${name} ${String(value)}`);
  return value;
}

function numberOf(row: Row, name: string, absent?: number): number {
  if (absent !== undefined && isAbsent(row, name)) return absent;
  const value = row[name];
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) {
    throw new NotCovered(`${name} ${String(value)}`);
  }
  return number;
}

function refuseOthers(row: Row, known: readonly string[]): void {
  for (const name in row) {
    if (known.includes(name) || name.startsWith('_') || isAbsent(row, name)) continue;
    throw new NotCovered(`attribute ${name}`);
  }
}

// Margin schedules.

/** What the rates of one tier add to those of the tier below, from its floor on. */
interface Band {
  readonly floor: number;
  readonly initial: number;
  readonly maintenance: number;
}

function bandsOf(margin: ReaderMargin): Band[] {
  if (margin.type === 'flat') return [{ ...margin, floor: 0 }];
  if (margin.type !== 'tiered') throw new NotCovered('this type of margin');
  return margin.tiers.map((tier, at) => {
    const below = margin.tiers[at - 1] ?? { initial: 0, maintenance: 0 };
    const initial = tier.initial - below.initial;
    const maintenance = tier.maintenance - below.maintenance;
    if (initial < 0 || maintenance < 0) throw new NotCovered('a margin rate that falls');
    return { floor: tier.floor, initial, maintenance };
  });
}

// One risk factor: what a book is worth and requires at a price.

/** units·price − owed, in one asset: the units with those that inverse profits add. */
interface Coin extends Pick<ReaderAsset, 'collateralWeight' | 'liabilityWeight'> {
  units: number;
  owed: number;
}

/** Notional = perPrice·price + fixed. */
interface Charge {
  readonly perPrice: number;
  readonly fixed: number;
  readonly bands: readonly Band[];
}

/** Everything on one feed. */
interface FactorBook {
  /** Linear profit = slope·price + offset. */
  slope: number;
  offset: number;
  readonly coins: Map<string, Coin>;
  readonly charges: Charge[];
}

/** value = B − maintenance·MM − initial·IM; of the equity, without weights. */
interface Line {
  readonly isWeighted: boolean;
  readonly maintenance: number;
  readonly initial: number;
}

const emptyBook = (): FactorBook => ({ slope: 0, offset: 0, coins: new Map(), charges: [] });

function addCoin(book: FactorBook, name: string, market: ReaderMarket): Coin {
  const { collateralWeight, liabilityWeight } = assetOf(name, market);
  const coin = book.coins.get(name) ?? { collateralWeight, liabilityWeight, units: 0, owed: 0 };
  book.coins.set(name, coin);
  return coin;
}

function addContract(book: FactorBook, contract: Contract, market: ReaderMarket): void {
  const { instrument, quantity, entered, bands } = contract;
  const size = instrument.contractSize;
  const largest = largestQuantity(contract) * size;
  if (instrument.inverse) {
    // Profit in the coin q·c·(1/entry − 1/price), at the price: q·c·price/entry − q·c.
    const coin = addCoin(book, instrument.settlementAsset, market);
    coin.units += entered * size;
    coin.owed += quantity * size;
    book.charges.push({ perPrice: 0, fixed: largest, bands });
  } else {
    book.slope += quantity * size;
    book.offset -= entered * size;
    book.charges.push({ perPrice: largest, fixed: 0, bands });
  }
}

/** Open orders: the worse of q + openBuy and q − openSell. */
const largestQuantity = ({ quantity, openBuy, openSell }: Contract): number =>
  Math.max(Math.abs(quantity + openBuy), Math.abs(quantity - openSell));

function valueAt(book: FactorBook, line: Line, price: number): number {
  let value = book.slope * price + book.offset;
  for (const coin of book.coins.values()) value += coinValueAt(coin, line, price);
  if (!line.isWeighted) return value;
  for (const charge of book.charges) value -= requiredAt(charge, line, price);
  return value;
}

function coinValueAt(coin: Coin, line: Line, price: number): number {
  const value = coin.units * price - coin.owed;
  if (!line.isWeighted) return value;
  return value * (value >= 0 ? coin.collateralWeight : coin.liabilityWeight);
}

function requiredAt({ perPrice, fixed, bands }: Charge, line: Line, price: number): number {
  const notional = perPrice * price + fixed;
  let required = 0;
  for (const { floor, initial, maintenance } of bands) {
    if (notional <= floor) break;
    required += (notional - floor) * (line.initial * initial + line.maintenance * maintenance);
  }
  return required;
}

/** Prices at which a line bends: a coin balance changes sign, a notional reaches a floor. */
function kinksOf(book: FactorBook): number[] {
  const kinks: number[] = [];
  for (const { units, owed } of book.coins.values()) kinks.push(owed / units);
  for (const { perPrice, bands } of book.charges) {
    for (const { floor } of bands) kinks.push(floor / perPrice);
  }
  return kinks.filter((price) => price > 0 && Number.isFinite(price));
}

// Bounds of one factor with a price.

interface Priced {
  readonly book: FactorBook;
  readonly kinks: readonly number[];
  readonly feed: ReaderFeed;
  /** Lowest and highest price within U of a price, and within Λ, as multiples. */
  readonly near: PriceRange;
  readonly shocked: PriceRange;
  readonly lines: Lines;
}

/** The restore line is the higher of the call line at c·MM, and IM. */
interface Lines {
  readonly equity: Line;
  readonly liquidation: Line;
  readonly maintenance: Line;
  readonly initial: Line;
}

const LINE_NAMES = ['equity', 'liquidation', 'maintenance', 'initial'] as const;
type LineName = (typeof LINE_NAMES)[number];

const linesOf = (policy: ReaderPolicy): Lines => ({
  equity: { isWeighted: false, maintenance: 0, initial: 0 },
  liquidation: { isWeighted: true, maintenance: policy.liquidationMultiplier, initial: 0 },
  maintenance: { isWeighted: true, maintenance: policy.callMultiplier, initial: 0 },
  initial: { isWeighted: true, maintenance: 0, initial: 1 },
});

function pricedOf(book: FactorBook, feed: ReaderFeed, policy: ReaderPolicy): Priced {
  const hasBuffer = policy.latencyBuffer === 'standard';
  const { uncertainty, shockDown, shockUp } = feed;
  return {
    book,
    kinks: kinksOf(book),
    feed,
    near: { low: Math.max(0, 1 - uncertainty), high: 1 + uncertainty },
    shocked: { low: 1 - (hasBuffer ? shockDown : 0), high: 1 + (hasBuffer ? shockUp : 0) },
    lines: linesOf(policy),
  };
}

const gapBetween = (priced: Priced, line: Line, multiples: PriceRange, price: number): number =>
  valueAt(priced.book, line, price * multiples.low) -
  valueAt(priced.book, line, price * multiples.high);

/** LB at a price: lines never bend upwards, so the least within Λ lies at an end. */
function bufferAt(priced: Priced, price: number): number {
  const { book, shocked } = priced;
  const line = priced.lines.liquidation;
  const down = valueAt(book, line, price * shocked.low);
  const up = valueAt(book, line, price * shocked.high);
  const value = valueAt(book, line, price);
  return value - Math.min(value, down, up);
}

/** The lowest and the highest value within U of a price. */
function withinUncertainty(priced: Priced, line: Line, price: number): PriceRange {
  const { book, near, kinks } = priced;
  const [from, to] = [price * near.low, price * near.high];
  const [atLow, atHigh] = [valueAt(book, line, from), valueAt(book, line, to)];
  let high = Math.max(atLow, atHigh, valueAt(book, line, price));
  for (const kink of kinks) {
    if (kink > from && kink < to) high = Math.max(high, valueAt(book, line, kink));
  }
  return { low: Math.min(atLow, atHigh), high };
}

/** Prices of a range at which any figure may be least or greatest. */
function pricesToTry(priced: Priced, range: PriceRange): number[] {
  const { near, shocked, kinks, lines, feed } = priced;
  if (range.low === range.high) return [range.low];
  const prices = [range.low, range.high, feed.price];
  for (const kink of kinks) {
    for (const multiple of [1, near.low, near.high, shocked.low, shocked.high]) {
      const price = kink / multiple;
      if (price > range.low && price < range.high) prices.push(price);
    }
  }
  prices.sort((left, right) => left - right);
  const found = crossings(prices, (at) => gapBetween(priced, lines.liquidation, shocked, at));
  for (const name of LINE_NAMES) {
    found.push(...crossings(prices, (at) => gapBetween(priced, lines[name], near, at)));
  }
  return [...prices, ...found];
}

/** Where a function that is straight between the prices is 0. */
function crossings(prices: readonly number[], gapAt: (price: number) => number): number[] {
  const found: number[] = [];
  let [before, gapBefore] = [0, 0];
  for (const price of prices) {
    const gap = gapAt(price);
    if (gap * gapBefore < 0) {
      found.push(before + ((price - before) * gapBefore) / (gapBefore - gap));
    }
    [before, gapBefore] = [price, gap];
  }
  return found;
}

type Bounds = Omit<ReaderFigure, 'point' | 'agedHigh'>;

/** U and Λ at each price of the range: U moves the value, but not the buffer. */
function boundsOver(priced: Priced, range: PriceRange): Record<LineName, Bounds> {
  const tried = pricesToTry(priced, range).map((price) => ({
    price,
    buffer: bufferAt(priced, price),
  }));
  return byLine((name) => {
    const bounds = { ...NOTHING_TRIED };
    const line = priced.lines[name];
    for (const { price, buffer } of tried) {
      const charged = line.isWeighted ? buffer : 0;
      const value = valueAt(priced.book, line, price) - charged;
      const { low, high } = withinUncertainty(priced, line, price);
      bounds.low = Math.min(bounds.low, low - charged);
      bounds.least = Math.min(bounds.least, value);
      bounds.most = Math.max(bounds.most, value);
      bounds.high = Math.max(bounds.high, high - charged);
      bounds.greatestLow = Math.max(bounds.greatestLow, low - charged);
    }
    return bounds;
  });
}

const NOTHING_TRIED = {
  low: Number.POSITIVE_INFINITY,
  least: Number.POSITIVE_INFINITY,
  most: Number.NEGATIVE_INFINITY,
  high: Number.NEGATIVE_INFINITY,
  greatestLow: Number.NEGATIVE_INFINITY,
};

function byLine<T>(of: (name: LineName) => T): Record<LineName, T> {
  return {
    equity: of('equity'),
    liquidation: of('liquidation'),
    maintenance: of('maintenance'),
    initial: of('initial'),
  };
}

type LineFigures = Record<LineName, ReaderFigure>;

function pricedFigures(priced: Priced): LineFigures {
  const { price, doubt, aged } = priced.feed;
  const believed = { low: price, high: price };
  const doubtful = doubt ?? believed;
  const atBelieved = boundsOver(priced, believed);
  const bounds = doubt === undefined ? atBelieved : boundsOver(priced, doubt);
  const agedBounds = aged === undefined ? bounds : boundsOver(priced, hullOf(doubtful, aged));
  return byLine((name) => ({
    ...bounds[name],
    point: atBelieved[name].least,
    agedHigh: agedBounds[name].high,
  }));
}

const hullOf = (one: PriceRange, other: PriceRange): PriceRange => ({
  low: Math.min(one.low, other.low),
  high: Math.max(one.high, other.high),
});

// Bounds of what never had a price: from 0 to any price, each holding by itself.

function unpricedFigures(holdings: readonly FactorBook[], lines: Lines): LineFigures {
  return byLine((name) => {
    const ranges = holdings.map((book) => rangeOverAnyPrice(book, lines[name]));
    const low = ranges.reduce((sum, range) => sum + range.low, 0);
    const high = ranges.reduce((sum, range) => sum + range.high, 0);
    // It is in no figure at the believed prices.
    return { low, least: low, point: 0, most: high, high, agedHigh: high, greatestLow: high };
  });
}

function rangeOverAnyPrice(book: FactorBook, line: Line): PriceRange {
  if (line.isWeighted && isOnlyCollateral(book)) return { low: 0, high: 0 };
  const values = [0, ...kinksOf(book)].map((price) => valueAt(book, line, price));
  const slope = lastSlope(book, line);
  if (slope !== 0) values.push(slope * Number.POSITIVE_INFINITY);
  return { low: Math.min(...values), high: Math.max(...values) };
}

/** What never had a price never backed anything. */
const isOnlyCollateral = ({ coins, charges }: FactorBook): boolean =>
  charges.length === 0 && [...coins.values()].every(({ units }) => units >= 0);

/** Beyond all kinks. */
function lastSlope(book: FactorBook, line: Line): number {
  let slope = book.slope;
  for (const { units, collateralWeight, liabilityWeight } of book.coins.values()) {
    const weight = units >= 0 ? collateralWeight : liabilityWeight;
    slope += units * (line.isWeighted ? weight : 1);
  }
  for (const { perPrice, bands } of line.isWeighted ? book.charges : []) {
    for (const { initial, maintenance } of bands) {
      slope -= perPrice * (line.initial * initial + line.maintenance * maintenance);
    }
  }
  return slope;
}

// A sub-account: its factors added up.

interface Holding {
  readonly feed: string;
  /** Absent for a balance. */
  readonly contract?: Contract;
  addTo(book: FactorBook): void;
}

interface Factor {
  readonly feed: ReaderFeed | undefined;
  readonly holdings: readonly Holding[];
}

function judgeSubAccount(subAccount: SubAccount, market: ReaderMarket): Judgement {
  const { position, balances } = subAccount;
  const factors = factorsOf(holdingsOf(subAccount, market), market);
  const figures = figuresOf(balances.get(NUMERAIRE) ?? 0, factors, market.policy);
  const leastClaim = isOnlyDebt(subAccount) ? 10 ** -market.policy.amountPlaces : undefined;
  const scale = { size: sizeOf(subAccount, market), leastClaim };
  return {
    position,
    figures,
    ...scale,
    ...verdictOf(figures, scale),
    expiry: expiryOf(figures, scale),
    isUnpricedContract: factors.some(isUnpricedContract),
    isBent: factors.some(isBent),
  };
}

function holdingsOf({ balances, contracts }: SubAccount, market: ReaderMarket): Holding[] {
  const holdings: Holding[] = [];
  for (const [asset, amount] of balances) {
    if (amount === 0 || asset === NUMERAIRE) continue;
    const { feed } = assetOf(asset, market);
    const addTo = (book: FactorBook) => {
      addCoin(book, asset, market).units += amount;
    };
    holdings.push({ feed, addTo });
  }
  for (const contract of contracts.values()) {
    if (isEmpty(contract)) continue;
    const addTo = (book: FactorBook) => addContract(book, contract, market);
    holdings.push({ feed: contract.instrument.underlying, contract, addTo });
  }
  return holdings;
}

const isEmpty = (contract: Contract): boolean =>
  contract.quantityGross === 0 && largestQuantity(contract) === 0;

function factorsOf(all: readonly Holding[], market: ReaderMarket): Factor[] {
  const groups = [...Map.groupBy(all, (holding) => holding.feed)];
  return groups.map(([name, holdings]) => ({ feed: feedOf(name, market), holdings }));
}

function feedOf(name: string, { feeds }: ReaderMarket): ReaderFeed | undefined {
  if (!feeds.has(name)) throw new NotCovered(`feed ${name}, which is not in its market`);
  return feeds.get(name);
}

function figuresOf(cash: number, factors: readonly Factor[], policy: ReaderPolicy): ReaderFigures {
  const totals = byLine(() => constant(cash));
  for (const factor of factors) {
    const figures = factorFigures(factor, policy);
    for (const name of LINE_NAMES) totals[name] = combine(totals[name], figures[name], sum);
  }
  const { equity, liquidation, maintenance, initial } = totals;
  const restore = combine(maintenance, initial, Math.min);
  const call = policy.callAt === 'initial' ? restore : maintenance;
  return { equity, liquidation, call, restore };
}

function factorFigures({ feed, holdings }: Factor, policy: ReaderPolicy): LineFigures {
  if (feed !== undefined) return pricedFigures(pricedOf(bookOf(holdings), feed, policy));
  const books = holdings.map((holding) => bookOf([holding]));
  return unpricedFigures(books, linesOf(policy));
}

function bookOf(holdings: readonly Holding[]): FactorBook {
  const book = emptyBook();
  for (const holding of holdings) holding.addTo(book);
  return book;
}

function isUnpricedContract({ feed, holdings }: Factor): boolean {
  if (feed !== undefined) return false;
  return holdings.some(({ contract }) => contract !== undefined && !isPlain(contract));
}

/** Linear, without orders, and all labels on one side. */
const isPlain = (contract: Contract): boolean =>
  !contract.instrument.inverse &&
  contract.quantityGross === Math.abs(contract.quantity) &&
  contract.openBuy === 0 &&
  contract.openSell === 0;

function isBent({ feed, holdings }: Factor): boolean {
  const { doubt, aged } = feed ?? {};
  const range = doubt && aged ? hullOf(doubt, aged) : (doubt ?? aged);
  if (feed === undefined || range === undefined) return false;
  const reach = 1 + Math.max(feed.uncertainty, feed.shockDown, feed.shockUp);
  return kinksOf(bookOf(holdings)).some(
    (price) => price * reach > range.low && price < range.high * reach,
  );
}

const sum = (left: number, right: number): number => left + right;

const constant = (value: number): ReaderFigure => ({
  low: value,
  least: value,
  point: value,
  most: value,
  high: value,
  agedHigh: value,
  greatestLow: value,
});

function combine(
  left: ReaderFigure,
  right: ReaderFigure,
  of: (left: number, right: number) => number,
): ReaderFigure {
  return {
    low: of(left.low, right.low),
    least: of(left.least, right.least),
    point: of(left.point, right.point),
    most: of(left.most, right.most),
    high: of(left.high, right.high),
    agedHigh: of(left.agedHigh, right.agedHigh),
    greatestLow: of(left.greatestLow, right.greatestLow),
  };
}

/** Without anything that nets: rounding errors are a part of it. */
function sizeOf({ balances, contracts }: SubAccount, market: ReaderMarket): number {
  let size = 0;
  for (const [asset, amount] of balances) {
    const price = asset === NUMERAIRE ? 1 : highestPrice(assetOf(asset, market).feed, market);
    size += Math.abs(amount) * price;
  }
  for (const contract of contracts.values()) size += contractSizeOf(contract, market);
  return size;
}

function contractSizeOf(contract: Contract, market: ReaderMarket): number {
  const { instrument, enteredGross, quantityGross } = contract;
  const price = highestPrice(instrument.underlying, market);
  const units = quantityGross + contract.openBuy + contract.openSell;
  const size = instrument.inverse ? enteredGross * price + units : units * price + enteredGross;
  return size * instrument.contractSize;
}

/** 0 for what never had a price: its terms are 0 or unbounded, and exact. */
function highestPrice(name: string, market: ReaderMarket): number {
  const feed = feedOf(name, market);
  if (feed === undefined) return 0;
  return Math.max(feed.price, feed.doubt?.high ?? 0, feed.aged?.high ?? 0) * (1 + feed.uncertainty);
}

// The verdict.

/** Row 0 may hold: no other holding, however small, and no open order. */
function isOnlyDebt({ balances, contracts }: SubAccount): boolean {
  const isWithoutContracts = [...contracts.values()].every(isEmpty);
  return isWithoutContracts && [...balances.values()].every((amount) => amount <= 0);
}

/** Compares with 0, and keeps how near it was. */
class Comparisons {
  nearest = Number.POSITIVE_INFINITY;
  private readonly size: number;

  constructor(size: number) {
    this.size = size;
  }

  isNegative(value: number): boolean {
    if (Number.isNaN(value)) throw new Error('a figure is not a number');
    // Without size, a 0 is exact.
    if (this.size > 0) this.nearest = Math.min(this.nearest, Math.abs(value) / this.size);
    return value < 0;
  }
}

/** The rows of DESIGN 4, of any figures: the product's own can be tried, too. */
export function verdictOf(figures: ReaderFigures, { size, leastClaim }: Scale): Verdict {
  const compared = new Comparisons(size);
  const row = rowOf(figures, compared, leastClaim);
  const isBankrupt = row === 1 && compared.isNegative(figures.equity.agedHigh);
  const isCertainCall = row === 5 && isCallCertain(figures, compared);
  const isLiquidationWithheld = row === 5 && compared.isNegative(figures.liquidation.least);
  const { nearest: margin } = compared;
  const said = { row, isLiquidationWithheld, margin };
  if (row === 6) return { ...said, level: 'indeterminate', certainty: 'indeterminate' };
  if (row === 5) return { ...said, level: 'call', certainty: certaintyOf(isCertainCall) };
  if (row === 1)
    return { ...said, level: isBankrupt ? 'deficit' : 'liquidation', certainty: 'certain' };
  return { ...said, level: 'healthy', certainty: certaintyOf(row !== 4) };
}

const certaintyOf = (isCertain: boolean) => (isCertain ? 'certain' : 'uncertain');

const isCallCertain = ({ call, liquidation }: ReaderFigures, compared: Comparisons): boolean =>
  compared.isNegative(call.high) && !compared.isNegative(liquidation.low);

/** The first row that holds. */
function rowOf(
  { equity, liquidation, call }: ReaderFigures,
  compared: Comparisons,
  leastClaim?: number,
): Verdict['row'] {
  // At every price of the doubt. A debt of exactly the least claim is claimed.
  if (leastClaim !== undefined && compared.isNegative(-leastClaim - equity.low)) return 0;
  if (compared.isNegative(liquidation.agedHigh)) return 1;
  if (!compared.isNegative(call.low)) return 3;
  if (!compared.isNegative(call.least) && !compared.isNegative(liquidation.low)) return 4;
  if (compared.isNegative(call.most) || compared.isNegative(liquidation.greatestLow)) return 5;
  return 6;
}

function expiryOf(figures: ReaderFigures, { size, leastClaim }: Scale) {
  const compared = new Comparisons(size);
  const row = rowOf(figures, compared, leastClaim);
  const isLiquidation = row > 1 && compared.isNegative(figures.call.agedHigh);
  return { isLiquidation, margin: compared.nearest };
}
