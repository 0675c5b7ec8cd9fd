import { monthlyCost } from '../analysis/cost.ts';

/** As `npm run bench` counts: 4 rows each, 47 units per 1,000 accounts. */
const READ_UNITS_AN_ACCOUNT = 0.047;
/** Market rows, open cases, the latest check. */
const READ_UNITS_A_CHECK = 4;
const WRITE_UNITS_A_CHECK = 3;
/** The case, its decision record, and the case again without pending events. */
const WRITE_UNITS_AN_EVENT = 4;
const SECONDS_AN_ACCOUNT = 50e-6;
const SECONDS_A_CHECK = 0.2;

export interface CheckedBook {
  readonly accounts: number;
  readonly intervalSeconds: number;
  /** Calls opened and cured, and liquidations: one message each. */
  readonly eventsPerCheck: number;
}

/** USD for 30 days. */
export const awsCost = ({ accounts, intervalSeconds, eventsPerCheck }: CheckedBook): number =>
  monthlyCost({
    readUnits: READ_UNITS_A_CHECK + accounts * READ_UNITS_AN_ACCOUNT,
    writeUnits: WRITE_UNITS_A_CHECK + eventsPerCheck * WRITE_UNITS_AN_EVENT,
    durationSeconds: SECONDS_A_CHECK + accounts * SECONDS_AN_ACCOUNT,
    publications: eventsPerCheck,
    intervalSeconds,
  }).total;
