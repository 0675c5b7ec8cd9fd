import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  InvalidContextError,
  parseAlertEmail,
  parseCheckIntervalSeconds,
  readContext,
} from '../../lib/context.ts';

describe('the context value checkInterval', () => {
  it('is a minute if it is not given', () => {
    expect(parseCheckIntervalSeconds(undefined)).toBe(60);
  });

  it.each(['60', '120', '300', '3600', '86400', 60, 120])('may be whole minutes: %o', (given) => {
    expect(parseCheckIntervalSeconds(given)).toBe(Number(given));
  });

  it.each(['1', '2', '3', '4', '5', '6', '10', '12', '15', '20', '30', 10])(
    'may be a divisor of a minute: %o',
    (given) => {
      expect(parseCheckIntervalSeconds(given)).toBe(Number(given));
    },
  );

  it.each([
    ['an empty text', ''],
    ['zero', '0'],
    ['negative', '-60'],
    ['a word', 'abc'],
    ['below a minute and no divisor of it', '59'],
    ['a fraction of a second', '0.5'],
    ['a divisor of a minute that is no whole number', '7.5'],
    ['7 s', '7'],
    ['a minute and a second', '61'],
    ['a minute and a half', '90'],
    ['above a day', '86460'],
    ['a fraction', '60.5'],
    ['a fraction that is a minute', '60.0'],
    ['in scientific notation', '6e1'],
    ['hexadecimal', '0x3c'],
    ['with a unit', '60s'],
    ['padded', ' 60'],
    ['followed by a line break', '60\n'],
    ['null', null],
    ['true', true],
    ['a list', [60]],
  ])('is refused if it is %s', (_, given) => {
    expect(() => parseCheckIntervalSeconds(given)).toThrow(InvalidContextError);
  });

  it('is refused in one line with the given value and the accepted ones', () => {
    expect(() => parseCheckIntervalSeconds('90')).toThrow(
      '-c checkInterval="90" cannot be used: give seconds in whole minutes, ' +
        'from 60 to 86400 (60, 120, 300, ...), because EventBridge Scheduler counts in minutes; or ' +
        'below a minute one of 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, because slots have to divide ' +
        'a minute',
    );
  });
});

describe('the context value alertEmail', () => {
  it('is nobody if it is not given', () => {
    expect(parseAlertEmail(undefined)).toBeUndefined();
  });

  it.each(['a@b.c', 'risk@example.com', 'risk+margin@desk.example.com'])(
    'may be an address: %s',
    (given) => {
      expect(parseAlertEmail(given)).toBe(given);
    },
  );

  it.each([
    ['an empty text', ''],
    ['without an @', 'risk.example.com'],
    ['without a name', '@example.com'],
    ['without a domain', 'risk@'],
    ['without a top-level domain', 'risk@example'],
    ['two addresses', 'a@b.c,d@e.f'],
    ['with a space', 'risk desk@example.com'],
    ['followed by a line break', 'risk@example.com\n'],
    ['true', true],
  ])('is refused if it is %s', (_, given) => {
    expect(() => parseAlertEmail(given)).toThrow(InvalidContextError);
  });

  it('is refused in one line with the given value and the accepted ones', () => {
    expect(() => parseAlertEmail('nobody')).toThrow(
      '-c alertEmail="nobody" cannot be used: give one e-mail address, ' +
        'such as risk@example.com, or leave it out',
    );
  });
});

describe('the CDK context', () => {
  it('has every default if it is empty', () => {
    expect(readContext({ '@aws-cdk/core:checkSecretUsage': true })).toEqual({
      checkIntervalSeconds: 60,
      alertEmail: undefined,
      customerKey: false,
      keepTables: true,
      tracing: false,
      certificates: false,
      events: false,
      workers: 0,
      eventBus: undefined,
      notify: [],
      chatbot: false,
      runbookUrl: undefined,
    });
  });

  it('names the receivers of alerts by their secrets', () => {
    const context = { slackSecret: 'margin/slack', pagerDutySecret: 'margin/pd', eventBus: 'desk' };
    expect(readContext(context)).toMatchObject({
      eventBus: 'desk',
      notify: [
        { format: 'slack', secretName: 'margin/slack' },
        { format: 'pagerduty', secretName: 'margin/pd' },
      ],
    });
  });

  it.each([
    ['slackSecret', 'https://hooks.slack.com/services/T0/B0/x', 'give the name of a secret'],
    ['pagerDutySecret', '0123456789abcdef0123456789abcdef', 'give the name of a secret'],
    ['teamsSecret', '', 'give the name of a secret'],
    ['teamsSecret', true, 'give the name of a secret'],
    ['eventBus', 'aws.mine', 'give "default", or a name'],
    ['eventBus', 'my bus', 'give "default", or a name'],
    ['runbook', 'docs/runbook.md', 'give an address of at most 200'],
    ['runbook', `https://${'x'.repeat(193)}`, 'give an address of at most 200'],
    ['runbook', 'https://wiki.example.com/#page', 'give an address of at most 200'],
  ])('refuses %s=%j', (name, given, allowed) => {
    expect(() => readContext({ [name]: given })).toThrow(allowed);
  });

  it.each(['customerKey', 'keepTables', 'tracing', 'certificates', 'events', 'chatbot'] as const)(
    'switches %s on and off',
    (name) => {
      for (const on of ['true', true]) expect(readContext({ [name]: on })[name]).toBe(true);
      for (const off of ['false', false]) expect(readContext({ [name]: off })[name]).toBe(false);
      expect(() => readContext({ [name]: '1' })).toThrow('cannot be used: give true or false');
    },
  );

  it('takes a number of workers', () => {
    for (const given of ['8', 8]) expect(readContext({ workers: given }).workers).toBe(8);
    expect(readContext({ workers: '0' }).workers).toBe(0);
    for (const given of ['51', '-1', '1.5', 'many', '', true]) {
      expect(() => readContext({ workers: given })).toThrow(
        'give a whole number up to 50; 0 for none',
      );
    }
  });

  it.each(['checkintervall', 'alertemail', 'Tracing'])('refuses the misspelt %s', (name) => {
    expect(() => readContext({ [name]: '60' })).toThrow(
      `-c ${name}="60" cannot be used: there is no such setting; the settings are checkInterval, ` +
        'alertEmail',
    );
  });
});

describe('the CDK app', () => {
  it.each([
    ['checkInterval', '0'],
    ['checkInterval', 'abc'],
    ['alertEmail', 'nobody\nat all'],
    ['tracing', 'yes'],
    ['certificates', 'maybe'],
  ])('stops at a bad %s with one line, no stack trace and exit code 1', async (name, given) => {
    const { code, stderr } = await runApp({ [name]: given });
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^-c ${name}=".*" cannot be used: give .*\n$`));
  });

  it('synthesizes the stack of the given context', async () => {
    for (const checkInterval of ['300', '10']) {
      expect(await runApp({ checkInterval, alertEmail: 'a@b.c' })).toEqual({ code: 0, stderr: '' });
    }
  });

  async function runApp(context: Record<string, string>) {
    const app = join(import.meta.dirname, '..', '..', 'bin', 'margin-checker.ts');
    const output = mkdtempSync(join(tmpdir(), 'margin-checker-'));
    onTestFinished(() => rmSync(output, { recursive: true }));
    const environment = {
      CDK_OUTDIR: output,
      CDK_CONTEXT_JSON: JSON.stringify({ ...context, 'aws:cdk:bundling-stacks': [] }),
    };
    const run = promisify(execFile)(process.execPath, [app], { env: environment });
    return run.then(
      ({ stderr }) => ({ code: 0, stderr }),
      ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
    );
  }
});
