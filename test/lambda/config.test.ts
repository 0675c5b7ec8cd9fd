import { describe, expect, it } from 'vitest';
import { ConfigError, readConfig, readLogOrigin, readSlotsConfig } from '../../lambda/config.ts';

const ENVIRONMENT = {
  ACCOUNTS_TABLE: 'accounts',
  MARKET_TABLE: 'market',
  MARGIN_TABLE: 'margin',
  ALERTS_TOPIC_ARN: 'arn:alerts',
  ORDERS_TOPIC_ARN: 'arn:orders.fifo',
  CHECK_INTERVAL_SECONDS: '60',
};

describe('the settings of the function', () => {
  it('are read from the environment', () => {
    expect(readConfig(ENVIRONMENT)).toEqual({
      accountsTable: 'accounts',
      marketTable: 'market',
      marginTable: 'margin',
      alertsTopicArn: 'arn:alerts',
      ordersTopicArn: 'arn:orders.fifo',
      checkIntervalSeconds: 60,
      scanSegments: 4,
      origin: { stack: 'MarginChecker', region: undefined, runbook: 'docs/runbook.md' },
    });
  });

  it('name the deployment and its runbook for e-mails', () => {
    const named = { STACK_NAME: 'Desk', AWS_REGION: 'eu-west-1', RUNBOOK_URL: 'https://a.b/c' };
    expect(readConfig({ ...ENVIRONMENT, ...named }).origin).toEqual({
      stack: 'Desk',
      region: 'eu-west-1',
      runbook: 'https://a.b/c',
    });
  });

  it.each(Object.keys(ENVIRONMENT))('are refused without %s, by its name', (name) => {
    for (const value of [undefined, '']) {
      const read = () => readConfig({ ...ENVIRONMENT, [name]: value });
      expect(read).toThrow(ConfigError);
      expect(read).toThrow(`the environment variable ${name} is missing`);
    }
  });

  it('need a whole number of seconds above 0 between checks', () => {
    const name = 'CHECK_INTERVAL_SECONDS';
    for (const value of ['0', '-60', '1.5', 'NaN', 'Infinity', 'a minute', '60 s', '1e400', ' ']) {
      const read = () => readConfig({ ...ENVIRONMENT, [name]: value });
      expect(read, value).toThrow(ConfigError);
      expect(read, value).toThrow(`${name} must be a whole number above 0`);
    }
  });
});

describe('the settings of the function that puts slots', () => {
  const environment = {
    MARGIN_TABLE: 'margin',
    SLOT_QUEUE_URL: 'https://sqs/slots',
    CHECK_INTERVAL_SECONDS: '10',
  };

  it('are the margin table, the queue and the interval', () => {
    expect(readSlotsConfig(environment)).toEqual({
      marginTable: 'margin',
      slotQueueUrl: 'https://sqs/slots',
      checkIntervalSeconds: 10,
    });
  });

  it.each(Object.keys(environment))('are refused without %s, by its name', (name) => {
    const read = () => readSlotsConfig({ ...environment, [name]: undefined });
    expect(read).toThrow(new ConfigError(`the environment variable ${name} is missing`));
  });
});

describe('what labels the log', () => {
  it('is the service and, of a traced invocation, the trace', () => {
    const trace = 'Root=1-6543-21;Parent=53995c3f42cd8ad8;Sampled=1';
    expect(readLogOrigin({ SERVICE_NAME: 'Desk', _X_AMZN_TRACE_ID: trace })).toEqual({
      service: 'Desk',
      traceId: '1-6543-21',
    });
  });

  it('needs neither', () => {
    expect(readLogOrigin({})).toEqual({ service: 'unnamed', traceId: undefined });
  });
});
