import { describe, expect, it } from 'vitest';
import { Silences, span } from '../../../local/status/silence.ts';

const SECOND = 1000;
const MINUTE = 60_000;
const START = Date.parse('2020-03-12T11:00:00Z');

/** A look once a minute after a last check at minute 0; what it says, by minute. */
function looks(minutes: number, beat: (minute: number) => object = () => ({ completedAt: START })) {
  const silences = new Silences(60);
  const said = new Map<number, string>();
  for (let minute = 0; minute <= minutes; minute++) {
    const { alarm } = silences.next({ now: START + minute * MINUTE, ...beat(minute) });
    if (alarm !== undefined) said.set(minute, `${alarm.severity} ${alarm.text}`);
  }
  return said;
}

describe('silence', () => {
  it('is said after three intervals, and again when it has doubled, or an hour later', () => {
    const said = looks(200);
    expect(said.get(3)).toMatch(/^critical NOTHING HAS BEEN CHECKED FOR 3 MIN: look at /);
    expect([...said.keys()]).toEqual([3, 6, 12, 24, 48, 96, 156]);
    expect(said.get(96)).toContain('FOR 1 H 36 MIN');
  });

  it.each([
    [1, 30],
    [10, 30],
    [20, 60],
    [60, 180],
  ])('at an interval of %d s begins after %d s', (interval, seconds) => {
    const silences = new Silences(interval);
    const stateAt = (ageSeconds: number) =>
      silences.next({ now: START, completedAt: START - ageSeconds * SECOND }).state;
    expect([stateAt(seconds - 0.001), stateAt(seconds)]).toEqual(['ok', 'silent']);
  });

  it('just below three intervals is none', () => {
    const silences = new Silences(60);
    const at = (ms: number) => silences.next({ now: START + ms, completedAt: START }).state;
    expect([at(3 * MINUTE - 1), at(3 * MINUTE)]).toEqual(['ok', 'silent']);
  });

  it('ends with a line when checks resume', () => {
    const said = looks(9, (minute) => ({ completedAt: minute < 8 ? START : START + 8 * MINUTE }));
    expect([...said.keys()]).toEqual([3, 6, 8]);
    expect(said.get(8)).toBe(
      'info checks have resumed, 8 min after they had stopped; the last check 0 s ago',
    );
  });

  it('is said at once while the policy cannot be read, with the reason', () => {
    const fault = 'market policy/default: mode must be observe or enforce; no account was assessed';
    const said = looks(4, (minute) => ({
      completedAt: START,
      ...(minute === 1 || minute === 2 ? { fault } : {}),
    }));
    expect(said.get(1)).toBe(`critical NOTHING IS BEING CHECKED, FOR 1 MIN: ${fault}`);
    expect([...said.keys()]).toEqual([1, 2, 3]);
    expect(said.get(3)).toContain('NOTHING HAS BEEN CHECKED FOR 3 MIN');
  });

  it('tells checks that run and do not end from none at all', () => {
    const said = looks(3, (minute) => ({ completedAt: START, begunAt: START + minute * MINUTE }));
    expect(said.get(3)).toContain('NO CHECK HAS SEEN EVERY ACCOUNT FOR 3 MIN');
  });

  it('before the first check, and where nothing can be seen, is said too', () => {
    expect(looks(0, () => ({})).get(0)).toContain('NOTHING HAS BEEN CHECKED YET');
    expect(looks(0, () => ({ unseen: 'no network' })).get(0)).toBe(
      'critical CANNOT SEE WHETHER ANYTHING IS CHECKED: no network',
    );
  });

  it('that could only not be seen ends otherwise', () => {
    const said = looks(1, (minute) => (minute === 0 ? { unseen: 'x' } : { completedAt: START }));
    expect(said.get(1)).toBe('info it can be seen again: the last check 1 min ago');
  });

  it('leaves a status of the last check while all is well', () => {
    const silences = new Silences(60);
    const beat = silences.next({ now: START + 12 * SECOND, completedAt: START });
    expect(beat).toEqual({ state: 'ok', status: 'last check 12 s ago' });
  });
});

it('a span is read at a glance', () => {
  expect([45, 60, 179, 3600, 7500].map((seconds) => span(seconds * SECOND))).toEqual([
    '45 S',
    '1 MIN',
    '2 MIN',
    '1 H',
    '2 H 5 MIN',
  ]);
});
