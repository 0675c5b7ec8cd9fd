import { describe, expect, it } from 'vitest';
import { eventLine, metricLines } from '../../../lambda/check/log-lines.ts';
import type { CheckMetric } from '../../../lambda/check/metrics.ts';

const AT = Date.UTC(2026, 10, 29, 8, 11, 48, 212);
const ORIGIN = { service: 'Desk' };

describe('the line of an event', () => {
  it('has level, message, time and service before its details', () => {
    const event = { level: 'INFO', message: 'check done', at: AT } as const;
    expect(eventLine(event, ORIGIN, { summary: { accounts: 3 } })).toBe(
      '{"level":"INFO","message":"check done","timestamp":"2026-11-29T08:11:48.212Z",' +
        '"service":"Desk","summary":{"accounts":3}}',
    );
  });

  it('names the trace of a traced invocation', () => {
    const event = { level: 'INFO', message: 'check done', at: AT } as const;
    const line = eventLine(event, { ...ORIGIN, traceId: '1-6543-21' }, {});
    expect(JSON.parse(line)).toMatchObject({ xray_trace_id: '1-6543-21' });
  });

  it('says of an error its name, message, stack and cause', () => {
    const cause = new TypeError('no such table');
    const error = new Error('the scan failed', { cause });
    const event = { level: 'ERROR', message: 'no check was made', at: AT } as const;
    expect(JSON.parse(eventLine(event, ORIGIN, { error })).error).toEqual({
      name: 'Error',
      message: 'the scan failed',
      stack: error.stack,
      cause: { name: 'TypeError', message: 'no such table', stack: cause.stack },
    });
  });
});

describe('the lines of metrics', () => {
  const METRICS: readonly CheckMetric[] = [
    { name: 'Accounts', unit: 'Count', value: 3 },
    { name: 'CheckDuration', unit: 'Seconds', value: 0.25 },
    { name: 'IndeterminateShare', unit: 'Percent', value: 0 },
    { name: 'CascadeRatio', unit: 'NoUnit', value: 0.5 },
    { name: 'CascadeRatio', unit: 'NoUnit', value: 0.4, market: 'BTC-PERP' },
  ];
  const lines = metricLines(METRICS, ORIGIN, AT).map((line) => JSON.parse(line));

  it('are in the embedded metric format of CloudWatch, by service', () => {
    expect(lines[0]).toEqual({
      _aws: {
        Timestamp: AT,
        CloudWatchMetrics: [
          {
            Namespace: 'MarginChecker',
            Dimensions: [['service']],
            Metrics: [
              { Name: 'Accounts', Unit: 'Count' },
              { Name: 'CheckDuration', Unit: 'Seconds' },
              { Name: 'IndeterminateShare', Unit: 'Percent' },
              { Name: 'CascadeRatio', Unit: 'None' },
            ],
          },
        ],
      },
      service: 'Desk',
      Accounts: 3,
      CheckDuration: 0.25,
      IndeterminateShare: 0,
      CascadeRatio: 0.5,
    });
  });

  it('ask for a value a second where an alarm looks so often', () => {
    const metric = { name: 'CompleteChecks', unit: 'Count', value: 1 } as const;
    const definitionOf = (each: CheckMetric) => {
      const [line = ''] = metricLines([each], ORIGIN, AT);
      return JSON.parse(line)._aws.CloudWatchMetrics[0].Metrics[0];
    };
    const definition = { Name: 'CompleteChecks', Unit: 'Count' };
    expect(definitionOf(metric)).toEqual(definition);
    expect(definitionOf({ ...metric, isHighResolution: true })).toEqual({
      ...definition,
      StorageResolution: 1,
    });
  });

  it('name a market in ASCII, as CloudWatch wants it', () => {
    const ratio = { name: 'CascadeRatio', value: 1, unit: 'NoUnit' } as const;
    const marketIn = (market: string) => {
      const [, line = ''] = metricLines([{ ...ratio, market }], { service: 'Desk' }, AT);
      return JSON.parse(line).Market;
    };
    expect(marketIn('牛来USDT')).toBe('%E7%89%9B%E6%9D%A5USDT');
    expect(marketIn('BTC_USD:100%')).toBe('BTC_USD:100%');
    expect(marketIn('𝟘'.repeat(128))).toHaveLength(1024);
  });

  it('have one line more for each metric of a market, by service and market', () => {
    expect(lines).toHaveLength(2);
    expect(lines[1]).toEqual({
      _aws: {
        Timestamp: AT,
        CloudWatchMetrics: [
          {
            Namespace: 'MarginChecker',
            Dimensions: [['service', 'Market']],
            Metrics: [{ Name: 'CascadeRatio', Unit: 'None' }],
          },
        ],
      },
      service: 'Desk',
      Market: 'BTC-PERP',
      CascadeRatio: 0.4,
    });
  });
});
