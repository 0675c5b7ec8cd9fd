import { describe, expect, it } from 'vitest';
import { InputError } from '../../../local/cli/input.ts';
import { spanAt } from '../../../local/history/price-history.ts';
import { parseHistory } from '../../../local/history/read-history.ts';

const file = 'p.csv';
const read = (text: string, gapSeconds?: number) => parseHistory(text, { file, gapSeconds });
const refused = (text: string): string => {
  try {
    read(text);
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as InputError).message;
  }
  throw new Error('it was read');
};

const T = 1_583_971_200;
const BARS = `time,open,high,low,close
${T},10,12,9,11
${T + 60},11,11,8,8
${T + 120},8,9,8,9
`;

describe('the bars of a history', () => {
  it('are spans from their time, as long as the distance of the rows', () => {
    const { kind, samplingSeconds, isRegular, segments, gaps, spans } = read(BARS);
    expect({ kind, samplingSeconds, isRegular, segments, gaps }).toEqual({
      kind: 'bars',
      samplingSeconds: 60,
      isRegular: true,
      segments: [{ from: 0, until: 3 }],
      gaps: [],
    });
    expect([...spans.start]).toEqual([T, T + 60, T + 120]);
    expect([...spans.end]).toEqual([T + 60, T + 120, T + 180]);
    expect([...spans.low]).toEqual([9, 8, 8]);
    expect([...spans.close]).toEqual([11, 8, 9]);
  });

  it('may have their columns in any order and case, and other columns', () => {
    const text = `Volume,CLOSE,Low Price,high,Open,Open_Time\n1,11,9,12,10,${T}\n1,8,8,11,11,${T + 60}\n`;
    expect([...read(text).spans.open]).toEqual([10, 11]);
  });

  it('reach at least to their own open and close', () => {
    const text = `time,open,high,low,close\n${T},10,11,9,12\n${T + 60},8,11,9,10\n`;
    const { high, low } = read(text).spans;
    expect([[...high], [...low]]).toEqual([
      [12, 11],
      [9, 8],
    ]);
  });

  it('are recognised as Binance’s without names by 12 cells and a time in the first', () => {
    const row = (time: number) => `${time}000,10,12,9,11,5,${time}999,50,7,2,20,0`;
    const { kind, spans } = read(`${row(T)}\n${row(T + 60)}\n`);
    expect({ kind, start: [...spans.start], high: [...spans.high] }).toEqual({
      kind: 'bars',
      start: [T, T + 60],
      high: [12, 12],
    });
  });

  it('are also recognised as Binance’s with names', () => {
    const names =
      'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore';
    const row = (time: number) => `${time}000,10,12,9,11,5,${time + 59}999,50,7,2,20,0`;
    expect([...read(`${names}\n${row(T)}\n${row(T + 60)}\n`).spans.start]).toEqual([T, T + 60]);
  });
});

describe('the prices of a history', () => {
  it('are spans from each to the next, and the last starts none', () => {
    const { kind, spans } = read(`timestamp,price\n${T},10\n${T + 5},12\n${T + 10},11\n`);
    expect(kind).toBe('prices');
    expect([...spans.start]).toEqual([T, T + 5]);
    expect([...spans.end]).toEqual([T + 5, T + 10]);
    expect([[...spans.open], [...spans.high], [...spans.low], [...spans.close]]).toEqual([
      [10, 12],
      [12, 12],
      [10, 11],
      [12, 11],
    ]);
  });

  it('may consist of a close column only', () => {
    expect([...read(`date,close\n2020-03-12,10\n2020-03-13,11\n`).spans.close]).toEqual([11]);
  });

  it('are irregular if they come at any time, and a short silence is no gap', () => {
    const times = [0, 1, 3, 4, 9, 10, 12, 30, 60];
    const text = `t,p\n${times.map((time) => `${T + time},10`).join('\n')}\n`;
    const { isRegular, samplingSeconds, segments, gaps } = read(text);
    expect({ isRegular, samplingSeconds, segments, gaps }).toEqual({
      isRegular: false,
      samplingSeconds: 2,
      segments: [{ from: 0, until: 7 }],
      gaps: [{ after: T + 30, seconds: 30 }],
    });
  });
});

describe('the times of a history', () => {
  it.each([
    [`${T}`, T],
    [`${T}.5`, T + 0.5],
    [`${T}000`, T],
    [`${T}000000`, T],
    [`${T}000000000`, T],
    ['2020-03-12T00:00:00Z', T],
    ['2020-03-12 00:00:00', T],
    ['2020-03-12 00:00', T],
    ['2020-03-12', T],
    ['2020-03-12 00:00:00 UTC', T],
    ['2020-03-12T01:00:00.250+01:00', T + 0.25],
  ])('the time is read from %s', (text, expected) => {
    const { spans } = read(`time,price\n${text},10\n${T + 86_400},11\n`);
    expect(spans.start[0]).toBe(expected);
  });

  it.each(['yesterday', '2020-02-30', '12/03/2020', '-5', ''])(
    'the time is not read from "%s"',
    (text) => {
      expect(refused(`time,price\n${text},10\n${T},11\n`)).toBe(
        'p.csv line 2: the time must be s, ms or µs since 1970, or ISO 8601 such as ' +
          `2020-03-12T10:12:00Z, not "${text}"`,
      );
    },
  );

  it('may run backwards from the first row to the last', () => {
    const rows = BARS.trim().split('\n');
    const backwards = [rows[0], ...rows.slice(1).reverse()].join('\n');
    expect(read(backwards).spans).toEqual(read(BARS).spans);
  });

  it('are refused with both lines if they go back', () => {
    const text = `time,price\n${T},1\n${T + 60},1\n\n${T + 30},1\n`;
    expect(refused(text)).toBe(
      'p.csv line 5: the time 2020-03-12T00:00:30.000Z is earlier than in line 3',
    );
  });

  it('are refused with both lines if they are repeated', () => {
    expect(refused(`time,price\n${T},1\n${T + 60},1\n${T + 60},2\n`)).toBe(
      'p.csv line 4: the time 2020-03-12T00:01:00.000Z is the same as in line 3',
    );
  });
});

describe('the gaps of a history', () => {
  const rows = [-9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 5, 6].map((minute) => {
    return `${T + 60 * minute},${minute < 5 ? 1 : 2}\n`;
  });
  const holed = `time,price\n${rows.join('')}`;

  it('separate the segments, and no span crosses one', () => {
    const { segments, gaps, spans } = read(holed);
    expect(gaps).toEqual([{ after: T + 120, seconds: 180 }]);
    expect(segments).toEqual([
      { from: 0, until: 11 },
      { from: 11, until: 12 },
    ]);
    expect([...spans.high]).toEqual([...Array(11).fill(1), 2]);
  });

  it('are longer than the given limit', () => {
    expect(read(holed, 180).gaps).toEqual([]);
    expect(read(holed, 179).gaps).toHaveLength(1);
  });

  it('do not lengthen the bar before one', () => {
    const row = (time: number) => `${T + time},1,1,1,1\n`;
    const bars = `time,open,high,low,close\n${row(0)}${row(60)}${row(120)}${row(300)}`;
    expect([...read(bars).spans.end]).toEqual([T + 60, T + 120, T + 180, T + 360]);
  });

  it('are refused as a history without anything else', () => {
    const text = `time,price\n${T},1\n${T + 60},1\n`;
    expect(() => read(text, 59)).toThrow(
      'p.csv: no two rows are within 59 s of each other, so there are only gaps',
    );
  });
});

describe('numbers that are no times since 1970', () => {
  const rows = (from: number, step: number) => `date,close\n${from},1\n${from + step},2\n`;

  it.each([
    [
      'a spreadsheet’s days',
      rows(41_275, 1),
      '41275 is a serial date of a spreadsheet',
      '2013-01-01',
    ],
    [
      'a spreadsheet’s hours',
      'date,close\n43902.5,1\n43902.75,2\n',
      '43902.5 is a serial date of a spreadsheet',
      '2020-03-12T12:00:00Z',
    ],
    ['MATLAB’s days', rows(737_862, 1), '737862 is a day number of MATLAB', '2020-03-12'],
    ['Julian days', rows(2_458_920.5, 1), '2458920.5 is a Julian day', '2020-03-12'],
    ['dates written as digits', rows(20_200_312, 1), '20200312 is a date', '2020-03-12'],
  ])('are refused with the date that they mean: %s', (_, text, what, date) => {
    const told = `p.csv line 2: the time ${what}, not seconds since 1970; write it as ${date}`;
    expect(refused(text)).toBe(told);
  });

  it('are refused with the line of the earliest if the newest row is first', () => {
    expect(refused('date,close\n41276,1\n41275,2\n')).toMatch(/^p\.csv line 3: the time 41275 is/);
  });

  it.each(['202003121012', '20200312101200', '20200312101200000'])(
    'are refused if they are a date and a time written as digits: %s',
    (text) => {
      expect(refused(`date,close\n${text},1\n${text},2\n`)).toMatch(
        /^p\.csv line 2: the time must be s, ms or µs since 1970, or ISO 8601/,
      );
    },
  );

  it.each([
    ['it begins at 0', 0],
    ['it is not only in the range of a count of days', 19_999],
  ])('do not refuse a made-up history: %s', (_, from) => {
    expect(read(`t,p\n${from},1\n${from + 60},2\n`).spans.start[0]).toBe(from);
  });
});

describe('a file of several instruments', () => {
  const file = (name: string, ...values: readonly string[]) =>
    `${name},time,price\n${values.map((each, row) => `${each},${T + row},${row + 1}\n`).join('')}`;

  it.each(['symbol', 'Ticker', 'PAIR', 'instrument_name', 'Base Asset', 'coin', 'exchange'])(
    'is refused by the name of the column and two values: %s',
    (name) => {
      expect(refused(file(name, 'BTC', 'BTC', 'ETH'))).toBe(
        `p.csv line 4: column ${name} has "ETH" after "BTC"; a history is of one instrument, so ` +
          'keep the rows of one',
      );
    },
  );

  it('is read if all rows are of one, and whatever columns of each row say', () => {
    expect(read(file('symbol', 'BTC', 'BTC')).spans.open).toHaveLength(1);
    expect(read(file('side', 'buy', 'sell')).spans.open).toHaveLength(1);
  });
});

describe('a file without a line of names', () => {
  it.each([
    ['10', 'time,price'],
    ['10,12,9,11', 'time,open,high,low,close'],
    ['10,12,9,11,3.5', 'time,open,high,low,close,volume'],
    ['10,12,9,11,3.5,7', 'time,open,high,low,close,volume,trades'],
    ['10,12', 'time,open,high,low,close,…'],
  ])('is refused with the line to add: %s', (cells, line) => {
    expect(refused(`${T},${cells}\n${T + 60},${cells}\n`)).toBe(
      `p.csv line 1: the columns have no names; add a first line that names them, such as ${line}`,
    );
  });

  it('is recognised by an ISO time, too', () => {
    expect(refused('2020-03-12,1\n2020-03-13,2\n')).toMatch(/^p\.csv line 1: the columns have no/);
  });
});

describe('a file with another separator', () => {
  it.each([
    [';', 'a semicolon'],
    ['\t', 'a tab'],
    ['|', 'a vertical bar'],
  ])('is refused with its name: %j', (separator, name) => {
    const text = BARS.replaceAll(',', separator);
    const told = `the separator is ${name}; separate the cells by commas, and write decimals with a point`;
    expect(refused(text)).toBe(`p.csv line 1: ${told}`);
    expect(refused(`https://prices.test\n${text}`)).toBe(`p.csv line 2: ${told}`);
  });

  it('is recognised by its names if its decimals have commas', () => {
    expect(refused('time;price, USD\n1;2,5\n')).toMatch(
      /^p\.csv line 1: the separator is a semicolon/,
    );
  });
});

describe('lines that are no rows', () => {
  const spans = read(BARS).spans;

  it.each(['https://www.prices.test', 'BTC/USD minute prices', '# exported 2020'])(
    'are skipped above the names: %s',
    (title) => {
      expect(read(`${title}\n${BARS}`).spans).toEqual(spans);
      expect(read(`${title}\n${title}\n\n${BARS}`).spans).toEqual(spans);
    },
  );

  it('are skipped if they repeat the names', () => {
    const [names = '', ...rows] = BARS.trim().split('\n');
    expect(read([names, rows[0], names, ...rows.slice(1), names].join('\n')).spans).toEqual(spans);
  });

  it('are all that a file of one column has', () => {
    expect(refused('price\n1\n2\n')).toBe(
      'p.csv: no line has more than one cell; a history needs at least 2 rows',
    );
  });

  it('do not hide a column that is named twice', () => {
    expect(refused(`time,price,Price\n${T},1,2\n`)).toBe(
      'p.csv line 1: two columns are named price; rename or remove one',
    );
  });
});

describe('a bad history file', () => {
  const bar = (cells: string) => `time,open,high,low,close\n${T},${cells}\n`;
  it.each([
    ['', 'p.csv: empty; a history needs at least 2 rows'],
    ['time,price\n', 'p.csv: only 0 rows of prices; a history needs at least 2 rows'],
    [`time,price\n${T},1\n`, 'p.csv: only 1 row of prices; a history needs at least 2 rows'],
    [
      'when,price\n1,2\n',
      'p.csv line 1: no time column; name one column time, timestamp, date or open_time',
    ],
    [
      'time,volume\n1,2\n',
      'p.csv line 1: no price column; name one column price, or four open, high, low and close',
    ],
    [
      'time,open,close\n1,2,3\n',
      'p.csv line 1: there is a column for open, close, but none for high, low',
    ],
    [bar('10,12,9,0'), 'p.csv line 2: close must be a number above 0, not "0"'],
    [bar('10,12,-9,11'), 'p.csv line 2: low must be a number above 0, not "-9"'],
    [bar('10,NaN,9,11'), 'p.csv line 2: high must be a number above 0, not "NaN"'],
    [bar('"1,000",12,9,11'), 'p.csv line 2: open must be a number above 0, not "1,000"'],
    [bar('10,12,9'), 'p.csv line 2: close must be a number above 0, not ""'],
    [bar('10,9,12,11'), 'p.csv line 2: high 9 is below low 12'],
    [`time,price\n${T},ten\n`, 'p.csv line 2: price must be a number above 0, not "ten"'],
  ])('%j', (text, told) => {
    expect(refused(text)).toBe(told);
  });

  it('is refused in one line if it is no CSV', () => {
    expect(refused('time,price\n1,"2\n')).toMatch(/^p\.csv: not CSV: /);
  });
});

it('a history of half a million rows is read', () => {
  const rows = Array.from(
    { length: 500_000 },
    (_, index) => `${T + 60 * index},${100 + (index % 7)}`,
  );
  const { spans, gaps } = read(`time,price\n${rows.join('\n')}\n`);
  expect([spans.open.length, gaps.length]).toEqual([499_999, 0]);
});

it('the span at a time is the last one that has begun', () => {
  const { spans, segments } = read(BARS);
  const [segment] = segments;
  if (segment === undefined) throw new Error('no segment');
  const found = [T, T + 59, T + 60, T + 179, T + 1000].map((time) => spanAt(spans, segment, time));
  expect(found).toEqual([0, 0, 1, 2, 2]);
});
