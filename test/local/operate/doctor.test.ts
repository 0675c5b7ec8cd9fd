import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DescribeAlarmsCommand, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMarketRows } from '../../../lambda/aws/market-table.ts';
import type { RawRow } from '../../../lambda/rows/raw-row.ts';
import { namesDefinedBy } from '../../../local/analysis/references.ts';
import { type Services, startServices } from '../../../local/aws/services.ts';
import { subscribeQueue } from '../../../local/aws/subscription.ts';
import { InputError } from '../../../local/cli/input.ts';
import { writeBook } from '../../../local/cli/load.ts';
import { readBook } from '../../../local/load/read-book.ts';
import { alarmFindings } from '../../../local/operate/doctor/alarms.ts';
import { clockFindings, watchClock } from '../../../local/operate/doctor/clock.ts';
import { type DoctorInput, diagnose } from '../../../local/operate/doctor/doctor.ts';
import { diagnosisText } from '../../../local/operate/doctor/doctor-text.ts';
import { type Finding, FindingList, ranked } from '../../../local/operate/doctor/finding.ts';
import { checkMarket } from '../../../local/operate/doctor/market-rows.ts';
import { probed } from '../../../local/operate/doctor/probe.ts';
import { subscriptionFindings } from '../../../local/operate/doctor/subscriptions.ts';
import { runMargin } from '../cli/margin.ts';

const NOW = Date.UTC(2020, 2, 12, 11);

const shown = (findings: readonly Finding[]) =>
  findings.map(({ severity, about, what }) => `${severity} ${about}: ${what}`);

describe('the findings', () => {
  const of = (severity: Finding['severity'], about: Finding['about']): Finding => ({
    ...{ severity, about, what: `${severity} ${about}`, todo: '' },
  });

  it('are ranked by how bad they are, then by what they are about', () => {
    const all = [of('warning', 'right'), of('critical', 'feed'), of('critical', 'alarm')];
    expect(ranked(all).map(({ what }) => what)).toEqual([
      'critical alarm',
      'critical feed',
      'warning right',
    ]);
  });

  it('name the first 200 about one subject, and count the rest', () => {
    const list = new FindingList();
    for (let n = 0; n < 203; n++) list.add(of('warning', 'row'));
    expect(list.findings).toHaveLength(201);
    expect(list.findings.at(-1)?.what).toBe('3 more findings like the 200 about a row');
  });
});

describe('the subscriptions', () => {
  const to = (Endpoint: string, SubscriptionArn = 'arn:x') => ({
    ...{ Protocol: 'email', Endpoint, SubscriptionArn },
  });

  it.each([
    ['alerts', 'observe', 1],
    ['alarms', 'observe', 1],
    ['orders', 'observe', 0],
    ['orders', undefined, 0],
    ['orders', 'enforce', 1],
  ] as const)('nobody to the %s topic in mode %s: %i findings', (topic, mode, count) => {
    const findings = subscriptionFindings(topic, [], mode);
    expect(findings.map(({ severity }) => severity)).toEqual(Array(count).fill('critical'));
    expect(subscriptionFindings(topic, [to('a')], mode)).toEqual([]);
  });

  it('count once they are confirmed, and those of margin watch never do', () => {
    const pending = to('risk@example.com', 'PendingConfirmation');
    const watching = to('arn:aws:sqs:eu-west-1:1:margin-watch-0a1b');
    expect(shown(subscriptionFindings('alerts', [pending, watching], 'observe'))).toEqual([
      expect.stringMatching(/^critical subscription: nobody is subscribed to the alerts topic/),
      'warning subscription: the subscription of email risk@example.com to the alerts topic is not confirmed',
    ]);
    expect(subscriptionFindings('alerts', [pending, to('b')], 'observe')).toHaveLength(1);
  });
});

describe('the alarms', () => {
  const sound: MetricAlarm = { AlarmName: 'A', AlarmActions: ['arn:alarms'], StateValue: 'OK' };
  const at = { StateUpdatedTimestamp: new Date(NOW) };

  it.each([
    [
      'no action',
      { ...sound, AlarmActions: [] },
      'critical alarm: the alarm A tells nobody: it has no action',
    ],
    [
      'disabled actions',
      { ...sound, ActionsEnabled: false },
      'critical alarm: the alarm A tells nobody: its actions are disabled',
    ],
    [
      'no data',
      { ...sound, ...at, StateValue: 'INSUFFICIENT_DATA' } as const,
      'warning alarm: the alarm A has had too little data since 2020-03-12T11:00:00.000Z, so it cannot ring',
    ],
    [
      'rung',
      { ...sound, ...at, StateValue: 'ALARM' } as const,
      'warning alarm: the alarm A has been ringing since 2020-03-12T11:00:00.000Z',
    ],
  ])('are found with %s', (_, alarm, line) => {
    expect(shown(alarmFindings(['A'], [alarm]))).toEqual([line]);
  });

  it('are in order, are gone, or never were', () => {
    expect(alarmFindings(['A'], [sound])).toEqual([]);
    expect(shown(alarmFindings(['A', 'B'], [sound]))).toEqual([
      'critical alarm: the alarm B is gone',
    ]);
    expect(shown(alarmFindings([], []))).toEqual(['critical alarm: the stack has no alarms']);
  });
});

describe('the clock', () => {
  const date = new Date(NOW).toUTCString();
  const read = (sentAt: number, receivedAt = sentAt) =>
    shown(clockFindings({ date, sentAt: NOW + sentAt, receivedAt: NOW + receivedAt }));

  it('may differ by five seconds, the rest of the header’s second, and the time of the call', () => {
    for (const reading of [read(0), read(-5_000), read(6_000), read(-9_000, -5_000)]) {
      expect(reading).toEqual([]);
    }
    expect(read(-5_001)).toEqual([expect.stringContaining('about 5 s behind that of AWS')]);
    expect(read(6_001)).toEqual([expect.stringContaining('about 5 s ahead of that of AWS')]);
    expect(read(-3_600_000)).toEqual([expect.stringContaining('about 3600 s behind')]);
  });
});

describe('a look at something', () => {
  const failing = (error: object) => async () => {
    throw Object.assign(new Error(), error);
  };
  const probe = { what: 'the alarms', right: 'cloudwatch:DescribeAlarms' };
  const found = async (error: object) => {
    const findings: Finding[] = [];
    expect(await probed(probe, findings, failing(error))).toBeUndefined();
    return shown(findings);
  };

  it('names the right that is missing, as AWS says it or as it is known', async () => {
    expect(await found({ name: 'AccessDenied', message: 'no' })).toEqual([
      'warning right: the alarms were not checked: these credentials lack the right cloudwatch:DescribeAlarms',
    ]);
    const message = 'User: x is not authorized to perform: kms:Decrypt on resource: y';
    expect(await found({ name: 'KMSAccessDenied', message })).toEqual([
      expect.stringContaining('lack the right kms:Decrypt'),
    ]);
  });

  it('says what does not exist, and what else AWS says', async () => {
    expect(await found({ name: 'ResourceNotFoundException', message: 'Table: x' })).toEqual([
      'critical right: the alarms do not exist (ResourceNotFoundException Table: x)',
    ]);
    expect(await found({ name: 'InternalError', message: 'later' })).toEqual([
      'warning right: the alarms were not checked: InternalError later',
    ]);
  });

  it('ends the command without credentials', async () => {
    const error = { name: 'CredentialsProviderError', message: 'Could not load credentials' };
    await expect(probed(probe, [], failing(error))).rejects.toThrow(InputError);
  });
});

describe('the market table', () => {
  const POLICY = { kind: 'policy', id: 'default' };
  const risk = {
    kind: 'risk',
    id: 'BTC',
    volatility: '0.8',
    margin: { type: 'flat', initial: '0.1', maintenance: '0.05' },
  };
  const asset = { kind: 'asset', id: 'BTC', feed: 'BTC-USD' };
  const quote = (source: string, ageSeconds = 5) => ({
    ...{ kind: 'quote', id: `BTC-USD#${source}`, price: '6000' },
    publishedAt: String(NOW - ageSeconds * 1000),
  });
  const check = (...rows: RawRow[]) => {
    const input = { rows, defined: namesDefinedBy(rows), intervalSeconds: 60, now: NOW };
    return shown(checkMarket(input).findings);
  };
  const sound = [risk, asset, quote('a'), quote('b')];

  it('is in order', () => {
    expect(check(POLICY, ...sound)).toEqual([]);
    expect(check({ ...POLICY, mode: 'enforce' }, ...sound)).toEqual([]);
  });

  it('has no policy, or a malformed one, and the other rows are read all the same', () => {
    expect(check(...sound, { kind: 'x', id: 'y' })).toEqual([
      expect.stringMatching(
        /^critical policy: no check can run: market policy\/default: this row is missing/,
      ),
      expect.stringMatching(/^warning row: market x\/y: unknown kind of row/),
    ]);
    expect(check({ ...POLICY, mode: 'on' }, ...sound)).toEqual([
      expect.stringMatching(
        /^critical policy: no check can run: market policy\/default: mode must be/,
      ),
    ]);
  });

  it('has rows that are refused, and rows that can be read and not used', () => {
    const future = { kind: 'asset', id: 'ETH' };
    expect(check(POLICY, ...sound, { ...quote('c'), price: 'x' }, future)).toEqual([
      expect.stringMatching(/^warning row: market quote\/BTC-USD#c: price /),
      expect.stringMatching(/^warning row: asset ETH has no feed/),
    ]);
    expect(check(POLICY, asset, quote('a'), quote('b'))).toEqual([
      expect.stringMatching(/^warning row: BTC-USD: its volatility is unknown/),
    ]);
  });

  it('names what no row defines', () => {
    expect(check(POLICY, ...sound, { ...asset, id: 'WBTC', riskClass: 'WBTC' })).toEqual([
      'warning name: market asset/WBTC: riskClass names risk class WBTC, which has no row',
    ]);
  });

  it('has feeds that are stale, alone, or short of sources', () => {
    expect(check(POLICY, risk, asset, quote('a', 301), quote('b', 400))).toEqual([
      'critical feed: feed BTC-USD is stale: its newest quote is 301 s old, and counts for 300 s',
    ]);
    expect(check(POLICY, risk, asset, quote('a', 300), quote('b', 301))).toEqual([
      expect.stringMatching(/^warning feed: feed BTC-USD has no second source/),
    ]);
    expect(check({ ...POLICY, mode: 'enforce' }, risk, asset, quote('a'))).toEqual([
      expect.stringMatching(/^critical feed: feed BTC-USD has no second source in mode enforce/),
    ]);
    expect(check({ ...POLICY, minSources: '2' }, risk, asset, quote('a'))).toEqual([
      'critical feed: feed BTC-USD has 1 live source and needs 2: its price is refused',
    ]);
  });

  it('has a halt, and settings that contradict each other', () => {
    const halted = {
      ...POLICY,
      mode: 'enforce',
      halt: true,
      changedBy: 'al',
      changeReason: 'drill',
    };
    expect(check(halted, ...sound)).toEqual([
      'warning policy: order plans are halted (by al, drill)',
    ]);
    expect(check({ ...POLICY, callGraceSeconds: '1' }, ...sound)).toEqual([
      expect.stringMatching(/^warning setting: market policy\/default: callGraceSeconds \(1\)/),
    ]);
  });
});

describe('margin doctor', () => {
  let services: Services;
  beforeAll(async () => {
    services = await startServices();
    const { rows } = await readBook('docs/examples/book', Date.now());
    await writeBook({ dynamo: services.dynamo, tables: services.config, rows });
  });
  afterAll(() => services.close());

  const input = (more: Partial<DoctorInput> = {}): DoctorInput => ({
    ...{ dynamo: services.dynamo, sns: services.sns, deployment: services.config },
    now: Date.now(),
    ...more,
  });
  const put = (table: 'accountsTable' | 'marketTable', row: object) =>
    services.dynamo.send(
      new PutItemCommand({ TableName: services.config[table], Item: marshall(row) }),
    );

  it('finds what is wrong in the tables and at the topics', async () => {
    await put('accountsTable', {
      accountId: 'zoe',
      item: 'balance#DOGE',
      asset: 'DOGE',
      amount: '1',
    });
    await put('accountsTable', {
      accountId: 'zoe',
      item: 'balance#USD',
      asset: 'USD',
      amount: 'x',
    });
    const { findings, ...rest } = await diagnose(input());
    expect(shown(findings)).toEqual([
      expect.stringMatching(/^critical subscription: nobody is subscribed to the alerts topic/),
      expect.stringMatching(/^warning feed: feed USDC-USD has no second source/),
      expect.stringMatching(/^warning row: accounts zoe\/balance#USD: amount must be a decimal/),
      'warning name: accounts zoe/balance#DOGE: asset names asset DOGE, which has no row',
    ]);
    expect(rest).toEqual({
      isWell: false,
      unchecked: [expect.stringContaining('--environment names no stack')],
      marketRows: 9,
      accounts: 7,
    });
    const { alertsTopicArn: topicArn } = services.config;
    await subscribeQueue(services, { topicArn, queueName: 'desk' });
    const heard = await diagnose(input());
    expect(heard.findings.map(({ about }) => about)).toEqual(['feed', 'row', 'name']);
  });

  it('looks at the stack, and goes on where a right is missing', async () => {
    const denied = Object.assign(new Error('no'), { name: 'AccessDenied' });
    const send = () => Promise.reject(denied);
    const deny = <C extends object>(client: C): C => Object.assign(Object.create(client), { send });
    const cloudFormation = deny(new CloudFormationClient({ region: 'eu-west-1' }));
    const stack = { name: 'S', cloudFormation, cloudWatch: { send } };
    const dynamo = deny(services.dynamo);
    const { findings, ...rest } = await diagnose(input({ stack, dynamo }));
    expect(shown(findings)).toEqual([
      'warning right: the rows of the market table were not checked: these credentials lack the right dynamodb:Scan',
      expect.stringContaining('lack the right cloudformation:ListStackResources'),
    ]);
    expect(rest).toEqual({ isWell: false, unchecked: [] });
  });

  it('asks CloudWatch for the alarms of the stack, a hundred at a time', async () => {
    const alarms = Array.from({ length: 101 }, (_, n) => ({
      ...{ ResourceType: 'AWS::CloudWatch::Alarm', PhysicalResourceId: `alarm-${n}` },
    }));
    const table = { ResourceType: 'AWS::DynamoDB::Table', PhysicalResourceId: 'accounts' };
    const asked: (readonly string[])[] = [];
    const send = async (command: object) => {
      if (!(command instanceof DescribeAlarmsCommand)) {
        return { StackResourceSummaries: [table, ...alarms] };
      }
      const { AlarmNames = [] } = command.input;
      asked.push(AlarmNames);
      const sound = { AlarmActions: ['arn:alarms'], StateValue: 'OK' };
      return { MetricAlarms: AlarmNames.map((AlarmName) => ({ AlarmName, ...sound })) };
    };
    const client = new CloudFormationClient({ region: 'eu-west-1' });
    const cloudFormation = Object.assign(Object.create(client), { send });
    const stack = { name: 'S', cloudFormation, cloudWatch: { send } as never };
    const { findings, unchecked } = await diagnose(input({ stack }));
    expect(findings.filter(({ about }) => about === 'alarm')).toEqual([]);
    expect(asked.map(({ length }) => length)).toEqual([100, 1]);
    expect(unchecked).toEqual([]);
  });

  it('has a line for each finding, with what to do', () => {
    const finding = { severity: 'warning', about: 'row', what: 'w', todo: 't' } as const;
    const text = diagnosisText({
      isWell: false,
      findings: [finding],
      unchecked: ['x'],
      accounts: 2,
    });
    expect(text.split('\n')).toEqual([
      'NOT OK: 1 finding, 0 of them critical; read 2 accounts',
      'warning   w. Do: t.',
      'not checked: x',
    ]);
    expect(diagnosisText({ isWell: true, findings: [], unchecked: [] })).toBe('ok: no findings');
  });

  it('reads the clock of AWS off an answer', async () => {
    const { dynamo } = services;
    const clock = watchClock(dynamo);
    expect(clock.quickest()).toBeUndefined();
    await readMarketRows({ dynamo, table: services.config.marketTable });
    const { date = '', sentAt = 0 } = clock.quickest() ?? {};
    expect(Math.abs(Date.parse(date) - sentAt)).toBeLessThan(60_000);
  });

  it('is a command that ends with 1 if it finds something', async () => {
    const { code, out } = await runMargin(services, 'doctor', '--environment', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ isWell: false, accounts: 7 });
  }, 300_000);
});
