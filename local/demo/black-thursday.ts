/** BTC prices in USD on 12 March 2020, hourly from 00:00 UTC. */

export interface HourBar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

const DAY = '2020-03-12';
export const DAY_START_MS = Date.UTC(2020, 2, 12);
export const HOURS_OF_DAY = 24;
export const MINUTES_OF_HOUR = 60;
export const MINUTE_MS = 60_000;
export const MINUTE_SECONDS = 60;

export const minuteTime = (minute: number): number => DAY_START_MS + minute * MINUTE_MS;
export const secondTime = (second: number): number => DAY_START_MS + second * 1000;

/** `2020-03-12 10:00`, UTC. */
export const timeText = (minute: number): string => {
  const [hours, minutes] = [Math.floor(minute / MINUTES_OF_HOUR), minute % MINUTES_OF_HOUR];
  return `${DAY} ${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
};

const bar = (open: number, high: number, low: number, close: number): HourBar => ({
  open,
  high,
  low,
  close,
});

export const BTC_HOURS: readonly HourBar[] = [
  bar(7935.49, 7966.08, 7901.35, 7923.79),
  bar(7923.79, 7942.7, 7700, 7712.25),
  bar(7712.25, 7756.4, 7575.01, 7635.04),
  bar(7635.04, 7698.42, 7596, 7656.57),
  bar(7656.57, 7665.46, 7561, 7611.18),
  bar(7611.18, 7648.55, 7587.82, 7635.24),
  bar(7635.24, 7645.07, 7455.93, 7493.24),
  bar(7493.24, 7493.35, 7350, 7380.61),
  bar(7380.61, 7465.45, 7307.79, 7365.24),
  bar(7365.24, 7384.46, 7329.16, 7350.52),
  bar(7350.52, 7350.93, 5568.84, 6092.44),
  bar(6092.44, 6479.46, 5700.03, 6000.06),
  bar(6000.06, 6273.3, 5855, 6007.81),
  bar(6007.81, 6072.09, 5705.56, 5969.81),
  bar(5969.81, 6200, 5876.88, 6099.16),
  bar(6099.16, 6157.5, 6020.81, 6126.96),
  bar(6126.96, 6195.63, 5953.96, 6087.68),
  bar(6087.68, 6242.24, 6062.62, 6113.66),
  bar(6113.66, 6159.46, 5976.5, 5986),
  bar(5986, 6096.63, 5979.52, 6029.94),
  bar(6029.94, 6056.49, 5599.97, 5723.01),
  bar(5723.01, 5854.92, 5568, 5795.02),
  bar(5795.02, 5935.78, 5722.46, 5791.86),
  bar(5791.86, 5802.19, 4600, 4830.45),
];
