import { describe, expect, it } from 'vitest';
import { textOf } from '../../../lambda/margin/number/decimal.ts';
import { messageSchemas } from '../../../lambda/messages/message-schemas.ts';
import type { Message } from '../../../lambda/messages/messages.ts';
import {
  accountsOf,
  alertsByKind,
  countsOf,
  notionalOf,
  ofType,
  readMessage,
  reasonCodes,
  worstShortfalls,
} from '../../../local/demo/message-counts.ts';
import { planMessage } from './plan-message.ts';

function alert<T extends Message['type']>(type: T, accountId: string, more: object): Message {
  const { plan, planId, generation, expiresAt, isObserved, ...header } = planMessage({ accountId });
  return messageSchemas[type].parse({ ...header, type, ...more }) as Message;
}

const deficit = (accountId: string, shortfall: string) =>
  alert('deficit.detected', accountId, { shortfall });

const withheld = (...codes: string[]) => {
  const reasons = codes.map((code) => ({ code, subject: 'BTC-USD', detail: code }));
  return alert('liquidation.withheld', 'long-001', { reasons });
};

describe('the counters of the demo', () => {
  it('read every message of the schemas, and nothing else', () => {
    const message = deficit('long-001', '5');
    expect(readMessage(JSON.stringify(message))).toEqual(message);
    expect(() => readMessage('{"type":"margin-call.forgotten"}')).toThrow('margin-call.forgotten');
    expect(() => readMessage(JSON.stringify({ ...message, shortfall: 'five' }))).toThrow();
  });

  it('count alerts by type and kind of account, with feeds and checks separate, in order', () => {
    const late = messageSchemas['check.late'].parse({
      type: 'check.late',
      id: 'late',
      version: 1,
      severity: 'warning',
      checkId: 'check',
      asOf: '2020-03-12T10:00:00.000Z',
      lateSeconds: 61,
      intervalSeconds: 60,
    });
    const messages = [
      planMessage({ accountId: 'stale-feed-001' }),
      deficit('long-001', '5'),
      late,
      deficit('long-002', '5'),
      deficit('isolated-001', '5'),
    ];
    const counted = alertsByKind(messages);
    expect(counted).toEqual({
      'check.late': { market: 1 },
      'deficit.detected': { isolated: 1, long: 2 },
      'liquidation.ordered': { 'stale-feed': 1 },
    });
    expect(JSON.stringify(alertsByKind(messages.toReversed()))).toBe(JSON.stringify(counted));
  });

  it('count a message once for each code among its reasons', () => {
    const messages = ofType(
      [withheld('price-suspect', 'price-suspect', 'halted'), withheld('halted')],
      'liquidation.withheld',
    );
    expect(reasonCodes(messages)).toEqual({ halted: 2, 'price-suspect': 1 });
  });

  it('take the worst shortfall of each case, as each report replaces the one before', () => {
    const messages = [
      deficit('long-001', '5'),
      deficit('long-001', '7.5'),
      deficit('long-002', '1'),
    ];
    expect(worstShortfalls(messages).map(textOf)).toEqual(['7.5', '1']);
    expect(accountsOf(ofType(messages, 'deficit.detected'))).toBe(2);
  });

  it('add the notional of all orders of a plan', () => {
    const orders = [{ notional: '100.25' }, { notional: '0.75' }];
    expect(textOf(notionalOf(planMessage({ orders })))).toBe('101');
  });

  it('write names in alphabetical order', () => {
    expect(JSON.stringify(countsOf(['b', 'a', 'b']))).toBe('{"a":1,"b":2}');
  });
});
