import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STOPWATCH } from '../../../lambda/aws/stopwatch.ts';
import { runCheck } from '../../../lambda/run-check.ts';
import { type Services, startServices } from '../../../local/aws/services.ts';
import { heartbeat } from '../../../local/cli/heartbeat.ts';
import { statusLine } from '../../../local/cli/status-line.ts';
import { type Beat, readBeat } from '../../../local/status/heartbeat.ts';

const NOW = Date.parse('2020-03-12T11:00:00Z');

describe('a look at a deployment', () => {
  let services: Services;
  beforeAll(async () => {
    services = await startServices();
  });
  afterAll(() => services.close());

  const look = () =>
    readBeat({ dynamo: services.dynamo, deployment: services.config, now: NOW + 5000 });
  const policy = { kind: 'policy', id: 'default' };
  const putPolicy = (attributes: object) =>
    services.dynamo.send(
      new PutItemCommand({
        TableName: services.config.marketTable,
        Item: marshall({ ...policy, ...attributes }),
      }),
    );

  it('finds no policy before one is loaded, and no check before the first', async () => {
    expect(await look()).toEqual({
      now: NOW + 5000,
      fault: expect.stringContaining('policy/default'),
    });
    await putPolicy({});
    expect(await look()).toEqual({ now: NOW + 5000 });
  });

  it('finds the last check that saw every account', async () => {
    const check = { checkId: new Date(NOW).toISOString(), scheduledAt: NOW };
    await runCheck(check, NOW, { ...services, stopwatch: STOPWATCH });
    expect(await look()).toEqual({ now: NOW + 5000, completedAt: NOW, begunAt: NOW });
  });

  it('says why nothing is checked while the policy is malformed or gone', async () => {
    await putPolicy({ mode: 'perhaps' });
    expect((await look()).fault).toContain('mode');
    const { marketTable: TableName } = services.config;
    await services.dynamo.send(new DeleteItemCommand({ TableName, Key: marshall(policy) }));
    expect((await look()).fault).toContain('policy/default');
  });

  it('says that it cannot see, if the table cannot be read', async () => {
    const deployment = { ...services.config, marginTable: 'nowhere' };
    const beat = await readBeat({ dynamo: services.dynamo, deployment, now: NOW });
    expect(beat).toEqual({ now: NOW, unseen: expect.any(String) });
  });
});

describe('the heartbeat', () => {
  async function said(beats: readonly Partial<Beat>[], isJson = false) {
    const end = new AbortController();
    const lines: string[] = [];
    const status: string[] = [];
    let turn = 0;
    await heartbeat({
      intervalSeconds: 0.001,
      read: async () => {
        const beat = beats[turn++] ?? {};
        if (turn === beats.length) setImmediate(() => end.abort());
        return { now: NOW, ...beat };
      },
      print: (line) => lines.push(line),
      showStatus: (text) => status.push(text),
      isJson,
      signal: end.signal,
    });
    return { lines, status };
  }

  it('prints nothing while checks run, and a line when they do not', async () => {
    const { lines, status } = await said([
      { completedAt: NOW },
      { completedAt: NOW - 180_000 },
      { completedAt: NOW },
    ]);
    expect(status[0]).toBe('last check 0 s ago');
    expect(lines).toEqual([
      expect.stringMatching(
        /^2020-03-12 11:00:00 {2}watch {3}critical {2}NOTHING HAS BEEN CHECKED FOR 3 MIN: /,
      ),
      expect.stringMatching(/^2020-03-12 11:00:00 {2}watch {3}info {6}checks have resumed, /),
    ]);
  });

  it('is one line of JSON a look', async () => {
    const { lines } = await said([{ completedAt: NOW }, { fault: 'no policy' }], true);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        type: 'heartbeat',
        asOf: '2020-03-12T11:00:00.000Z',
        state: 'ok',
        lastCheck: '2020-03-12T11:00:00.000Z',
        ageSeconds: 0,
      },
      expect.objectContaining({ state: 'silent', fault: 'no policy', severity: 'critical' }),
    ]);
  });
});

describe('the status line', () => {
  it('is drawn over on a terminal, within its width, and nowhere else', () => {
    let written = '';
    const write = (text: string) => {
      written += text;
      return true;
    };
    const stream = { isTTY: true, columns: 10, write } as never;
    const line = statusLine({ isTTY: true }, stream);
    line?.show('last check 12 s ago');
    line?.clear();
    expect(written).toBe('\r\u001b[2Klast chec\r\u001b[2K');
    expect(statusLine({ isTTY: false }, stream)).toBeUndefined();
  });
});
