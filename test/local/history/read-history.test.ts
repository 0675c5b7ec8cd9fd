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
