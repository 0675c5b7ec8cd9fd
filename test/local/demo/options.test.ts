import { CommanderError } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { exitCodeOf, parseDemoOptions } from '../../../local/demo/options.ts';

beforeEach(() => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
});

const parse = (...words: string[]) => parseDemoOptions(words);

describe('the options of the demo', () => {
  it('replay the hour of the crash with 40 accounts by default', () => {
    expect(parse()).toEqual({
      seed: 1,
      accounts: 40,
      throttle: 'standard',
      buffer: 'standard',
      charge: 1,
      compare: false,
      json: false,
      report: 'margin-report.html',
      fromMinute: 600,
      untilMinute: 660,
      intervalSeconds: 60,
      hasEvents: false,
      isRefined: false,
    });
  });

  it.each([
    ['10s', 10, true],
    ['1', 1, true],
    ['60', 60, false],
    ['5m', 300, false],
    ['1h', 3600, false],
  ])('check every %s', (interval, intervalSeconds, isRefined) => {
    expect(parse('--interval', interval)).toMatchObject({ intervalSeconds, isRefined });
  });

  it('name the report file, or turn the report off', () => {
    expect(parse('--report', 'out.html')).toMatchObject({ report: 'out.html' });
    expect(parse('--no-report')).toMatchObject({ report: false });
  });

  it('turn off the throttle and the buffer, and compare runs', () => {
    const switched = parse('--throttle', 'none', '--buffer', 'none', '--compare');
    expect(switched).toMatchObject({ throttle: 'none', buffer: 'none', compare: true });
  });

  it.each([
    ['all', 0, 1440],
    ['24', 0, 1440],
    ['1', 0, 60],
    ['10-12', 600, 720],
    ['0-24', 0, 1440],
    ['23-24', 1380, 1440],
  ])('accept the range --hours %s', (hours, fromMinute, untilMinute) => {
    expect(parse('--hours', hours)).toMatchObject({ fromMinute, untilMinute });
  });

  it.each([
    ['--hours', '0'],
    ['--hours', '25'],
    ['--hours', '12-10'],
    ['--hours', '10-10'],
    ['--hours', '10-12-14'],
    ['--hours', '1.5'],
    ['--hours', ''],
    ['--seed', '-1'],
    ['--seed', '4294967296'],
    ['--seed', '0x10'],
    ['--accounts', '7'],
    ['--accounts', '10001'],
    ['--accounts', 'many'],
    ['--throttle', 'off'],
    ['--buffer', ''],
    ['--interval', '7s'],
    ['--interval', '90s'],
    ['--interval', '2h'],
    ['--interval', '0'],
    ['--interval', 'often'],
    ['--nothing', 'known'],
    ['left', 'over'],
  ])('refuse the words %s %s', (option, value) => {
    expect(refusalOf(option, value)).toMatchObject({ name: 'CommanderError', exitCode: 1 });
  });

  it('exit with 2 if they are invalid, and with 0 after the help', () => {
    expect(exitCodeOf(refusalOf('--seed', 'x'))).toBe(2);
    expect(exitCodeOf(refusalOf('--help'))).toBe(0);
  });
});

function refusalOf(...words: string[]): CommanderError {
  try {
    parse(...words);
  } catch (error) {
    if (error instanceof CommanderError) return error;
    throw error;
  }
  throw new Error(`${words.join(' ')} was not refused`);
}
