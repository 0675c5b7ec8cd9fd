import { InvalidArgumentError } from 'commander';
import { CHECK_INTERVALS_ALLOWED, isCheckInterval } from '../../lib/check-interval.ts';

const UNITS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** @returns seconds of a text such as `10`, `10s`, `5m`, `1h` or `1d`; NaN for any other */
export function secondsIn(text: string): number {
  const [, digits, unit = 's'] = /^(\d{1,6})([smhd]?)$/.exec(text.trim()) ?? [];
  return Number(digits ?? Number.NaN) * UNITS[(unit || 's') as keyof typeof UNITS];
}

/** @returns seconds. @throws InvalidArgumentError for what no deployment can have */
export function readCheckInterval(text: string): number {
  const value = secondsIn(text);
  if (isCheckInterval(value)) return value;
  throw new InvalidArgumentError(`No deployment can have it: ${CHECK_INTERVALS_ALLOWED}.`);
}
