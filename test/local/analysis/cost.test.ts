import { expect, it } from 'vitest';
import { monthlyCost } from '../../../local/analysis/cost.ts';

const CHECK = {
  readUnits: 4700,
  writeUnits: 3,
  durationSeconds: 5,
  publications: 0.5,
  intervalSeconds: 60,
};

it('a month of one check a minute costs its 43,200 checks and their monitoring', () => {
  const { database, compute, messages, monitoring, total } = monthlyCost(CHECK);
  // 43,200 × (4,700 × 0.125 + 3 × 0.625) millionths
  expect(database).toBeCloseTo(25.461, 9);
  // 43,200 × (5 s × 1.7275390625 GB × 13.3334 + 0.2 + 1) millionths
  expect(compute).toBeCloseTo(5.02718, 4);
  // 43,200 × 0.5 × 0.5 millionths
  expect(messages).toBeCloseTo(0.0108, 9);
  // 36 metrics, 14 alarms, a dashboard, 0.27 GB of logs
  expect(monitoring).toBeCloseTo(36 * 0.3 + 14 * 0.1 + 3 + 43_200 * 6.3e-6 * 0.5, 9);
  expect(total).toBeCloseTo(database + compute + messages + monitoring, 12);
});

it('checkpoints cost their objects, a day and a half of each, and the time to store them', () => {
  const checkpoint = { bytes: 200e6, objects: 25, seconds: 3 };
  const plain = monthlyCost(CHECK);
  const { database, compute } = monthlyCost({ ...CHECK, checkpoint });
  // 4,320 × 25 objects, and 216 checkpoints of 0.2 GB at any time
  expect(database - plain.database).toBeCloseTo(108_000 * 5e-6 + 43.2 * 0.023, 9);
  expect(compute - plain.compute).toBeCloseTo(4_320 * 3 * (1769 / 1024) * 13.3334e-6, 9);
});

it('below a minute checks are started by the queue, and one alarm looks every ten seconds', () => {
  const [slots, minute] = [10, 60].map((intervalSeconds) =>
    monthlyCost({ ...CHECK, durationSeconds: 0, intervalSeconds }),
  );
  // 259,200 × (0.2 + 3 × 0.4) millionths, and 43,200 starts of half a second with 256 MB
  const starts = 43_200 * (1e-6 + 0.2e-6 + 0.125 * 13.3334e-6 + 0.125e-6 + 0.625e-6);
  expect(slots?.compute).toBeCloseTo(259_200 * 1.4e-6 + starts, 9);
  const logs = (259_200 - 43_200) * 1.2e-6 * 0.5;
  expect((slots?.monitoring ?? 0) - (minute?.monitoring ?? 0)).toBeCloseTo(0.2 + logs, 9);
});

it('doubling the interval halves every cost except the monitoring', () => {
  const [once, twice] = [60, 120].map((intervalSeconds) =>
    monthlyCost({ ...CHECK, intervalSeconds }),
  );
  expect(twice?.database).toBeCloseTo((once?.database ?? 0) / 2, 12);
  expect(twice?.compute).toBeCloseTo((once?.compute ?? 0) / 2, 12);
  expect(twice?.monitoring).toBeGreaterThan((once?.monitoring ?? 0) * 0.99);
});
