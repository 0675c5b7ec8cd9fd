/** The clock of this machine against that of AWS, from the Date header of its answers. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CLOCK_SKEW_MS_MAX } from '../../../lambda/margin/number/limits.ts';
import type { Finding } from './finding.ts';

/** One answer, with this machine's clock around it. */
export interface ClockReading {
  /** The Date header, in whole seconds. */
  readonly date: string;
  readonly sentAt: number;
  readonly receivedAt: number;
}

interface Answered {
  readonly response?: unknown;
}

/** Keeps the clock reading of the quickest answer, which is the most exact. */
export function watchClock(dynamo: DynamoDBClient): { quickest(): ClockReading | undefined } {
  let quickest: ClockReading | undefined;
  const spanOf = ({ sentAt, receivedAt }: ClockReading) => receivedAt - sentAt;
  dynamo.middlewareStack.add(
    (next) => async (request) => {
      const sentAt = Date.now();
      const answer = await next(request);
      const date = dateIn(answer);
      if (date === undefined) return answer;
      const reading = { date, sentAt, receivedAt: Date.now() };
      if (quickest === undefined || spanOf(reading) < spanOf(quickest)) quickest = reading;
      return answer;
    },
    { step: 'deserialize', name: 'watchClock', priority: 'low', override: true },
  );
  return { quickest: () => quickest };
}

function dateIn({ response }: Answered): string | undefined {
  const { headers = {} } = (response ?? {}) as { headers?: Readonly<Record<string, string>> };
  return headers.date ?? headers.Date;
}

/** What the header leaves open: the rest of its second, and the time of the call. */
const HEADER_MS = 1000;

export function clockFindings({ date, sentAt, receivedAt }: ClockReading): Finding[] {
  const second = Date.parse(date);
  if (Number.isNaN(second)) return [];
  const behindLeast = second - receivedAt;
  const aheadLeast = sentAt - (second + HEADER_MS);
  const isBehind = behindLeast > CLOCK_SKEW_MS_MAX;
  if (!isBehind && aheadLeast <= CLOCK_SKEW_MS_MAX) return [];
  const seconds = Math.round((isBehind ? behindLeast : aheadLeast) / 1000);
  const effect = isBehind
    ? 'quotes that it stamps look older than they are'
    : 'quotes and events that it stamps lie in the future, and are refused';
  return [
    {
      severity: 'warning',
      about: 'clock',
      what: `the clock of this machine is about ${seconds} s ${isBehind ? 'behind' : 'ahead of'} that of AWS: ${effect}`,
      todo: 'synchronise it (NTP)',
    },
  ];
}
