/**
 * The contract of the messages: the source of their types and of docs/schemas. The check function
 * needs only the types and does not load this file.
 */
import * as z from 'zod';
import { decimalText, figures, measured, reasons, time } from './figure-schemas.ts';
import { MESSAGE_VERSION } from './message-version.ts';
import { plan } from './plan-schemas.ts';

export const severity = z.enum(['info', 'warning', 'critical']);

const header = {
  id: z.string().meta({ description: 'One event always has the same id: drop repeats by it.' }),
  version: z.literal(MESSAGE_VERSION),
  severity,
  checkId: z.string().meta({
    description:
      'The check that decided this, by its scheduled time; of an event check the id of the scheduled ' +
      'check before it, ~, and its own time.',
  }),
  asOf: time.meta({
    description: 'The time of the check: ages and deadlines are measured from it.',
  }),
  omitted: z.optional(z.record(z.string(), z.number().int().min(1))).meta({
    description:
      'How many entries each list has beyond those in this message, by path, such as ' +
      '"figures.prices". Absent if every list is whole. The decision record has all of them.',
  }),
};

const accountHeader = {
  ...header,
  accountId: z.string(),
  position: z
    .string()
    .optional()
    .meta({ description: 'The isolated position that this is about; absent for the cross book.' }),
  caseId: z.string().optional(),
};

const assessed = {
  ...accountHeader,
  certainty: z.enum(['certain', 'uncertain']),
  figures,
};

const numeraire = z.string();

/** A sub-account without collateral left. */
const bankrupt = {
  accountId: accountHeader.accountId,
  position: accountHeader.position,
  caseId: z.string(),
};

const fundDrawn = z.strictObject({
  type: z.literal('fund.drawn'),
  ...header,
  ...bankrupt,
  claimId: z.string().meta({ description: 'Credit the account once per claim id.' }),
  numeraire,
  shortfall: decimalText.meta({
    description: 'The claim: drawn + socialized + uncovered.',
  }),
  drawn: decimalText.meta({ description: 'Paid by the insurance fund.' }),
  socialized: decimalText.meta({ description: 'Borne by other accounts: see lossId.' }),
  uncovered: decimalText.meta({ description: 'Paid by nobody: the venue bears it.' }),
  lossId: z.string().optional(),
  fundBalance: decimalText.meta({ description: 'Balance of the insurance fund afterwards.' }),
});

const socialized = {
  type: z.literal('loss.socialized'),
  ...header,
  lossId: z.string().meta({ description: 'Book each loss id once.' }),
  numeraire,
  amount: decimalText.meta({ description: 'The loss that other accounts bear.' }),
};

const share = z.strictObject({ accountId: z.string(), amount: decimalText });

const haircutLoss = z.strictObject({
  ...socialized,
  method: z.literal('haircut'),
  fraction: decimalText.meta({ description: 'Share of each bearing account’s equity.' }),
  accounts: z.number().int().meta({ description: 'How many accounts bear a share.' }),
  excluded: z.number().int().meta({
    description: 'How many accounts bear nothing because their equity is unknown.',
  }),
  losses: z
    .array(z.strictObject({ ...bankrupt, claimId: z.string(), amount: decimalText }))
    .min(1)
    .meta({
      description:
        'The claims that this loss consists of; they add up to the amount. Each is also in a ' +
        'fund.drawn with this lossId.',
    }),
  shares: z.array(share).min(1).optional().meta({
    description: 'The amount to debit from each account. Left out if there are many: see sharesAt.',
  }),
  sharesAt: z.strictObject({ pk: z.string(), pages: z.number().int() }).meta({
    description: 'Rows of the margin table with all shares: sk shares#000001 and following.',
  }),
});

const deleveragedLoss = z.strictObject({
  ...socialized,
  ...bankrupt,
  method: z.literal('adl'),
  planId: z.string().meta({
    description:
      'The plan of the same decision. Its orders leave this quantity out. A newer plan replaces both.',
  }),
  expiresAt: time.meta({ description: 'Do not trade from this time on.' }),
  market: z.string(),
  side: z.enum(['buy', 'sell']).meta({ description: 'Side of the bankrupt account.' }),
  price: decimalText.meta({
    description: 'The bankruptcy price, at which all of the quantity trades.',
  }),
  quantity: decimalText.meta({
    description: 'Contracts; the quantities of the counterparties add up to it.',
  }),
  counterparties: z
    .array(
      z.strictObject({
        accountId: z.string(),
        position: z.string().optional(),
        quantity: decimalText.meta({ description: 'Reduce-only: never more than is held.' }),
        score: decimalText.meta({ description: 'The rank score.' }),
      }),
    )
    .min(1),
});

const cascade = {
  market: z.string().meta({ description: 'An instrument; or an asset, for collateral and loans.' }),
  numeraire: z.string(),
  move: z.enum(['fall', 'rise']).meta({
    description: 'Whichever is worse: a fall or a rise of 1 % in the price that moves the market.',
  }),
  side: z.enum(['buy', 'sell']).meta({
    description: 'Side of the liquidation orders in this market after the move.',
  }),
  ratio: decimalText.meta({ description: 'Notional over depth, rounded up.' }),
  notional: decimalText.meta({
    description:
      'Positions in this market whose accounts are above their liquidation line, and would be ' +
      'below it after the move; rounded up.',
  }),
  depth: decimalText.meta({ description: 'Depth of the market, from its row.' }),
};

const call = { amountDue: decimalText, deadline: time };

const typed = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.strictObject({ type: z.literal(type), ...shape });

export const messageSchemas = {
  'margin-call.issued': typed('margin-call.issued', { ...assessed, ...call }),
  'margin-call.updated': typed('margin-call.updated', {
    ...assessed,
    ...call,
    previousDeadline: time.optional().meta({ description: 'Set if an outage has moved it.' }),
  }),
  'margin-call.expired': typed('margin-call.expired', {
    ...assessed,
    ...call,
    consequence: z.enum(['liquidate', 'remind']),
    nextDeadline: time.optional(),
  }),
  'margin-call.cured': typed('margin-call.cured', assessed),
  'liquidation.ordered': typed('liquidation.ordered', {
    ...assessed,
    planId: z.string().meta({ description: 'Execute each plan id once.' }),
    generation: z.number().int().min(1),
    supersedes: z
      .string()
      .optional()
      .meta({ description: 'The plan that this one replaces: stop working it.' }),
    expiresAt: time.meta({ description: 'Do not work the plan from this time on.' }),
    isObserved: z.boolean().meta({ description: 'true: reported in mode observe; not an order.' }),
    plan,
  }),
  'liquidation.completed': typed('liquidation.completed', assessed),
  'liquidation.withheld': typed('liquidation.withheld', { ...assessed, reasons }),
  'deficit.detected': typed('deficit.detected', { ...assessed, shortfall: decimalText }),
  'fund.drawn': fundDrawn,
  'loss.socialized': z.discriminatedUnion('method', [haircutLoss, deleveragedLoss]),
  'account.indeterminate': typed('account.indeterminate', {
    ...accountHeader,
    certainty: z.literal('indeterminate'),
    reasons,
    figures: z.strictObject(measured).optional().meta({
      description: 'At the prices as they may be. Absent if a row could not be read.',
    }),
  }),
  'account.determinate': typed('account.determinate', assessed),
  'oracle.rejected': typed('oracle.rejected', {
    ...header,
    feed: z.string(),
    reasons,
    accounts: z
      .number()
      .int()
      .min(0)
      .meta({ description: 'Sub-accounts that the doubt of this price leaves indeterminate.' }),
    largest: z
      .array(z.string())
      .min(1)
      .optional()
      .meta({ description: 'The largest of them, the largest first.' }),
  }),
  'oracle.recovered': typed('oracle.recovered', {
    ...header,
    feed: z.string(),
    price: decimalText.optional().meta({ description: 'Absent for the own feed of an option.' }),
  }),
  'feed.frozen': typed('feed.frozen', {
    ...header,
    feed: z.string(),
    price: decimalText,
    since: time.meta({ description: 'Since when the price comes unchanged with new times.' }),
  }),
  'cascade.warned': typed('cascade.warned', { ...header, ...cascade }),
  'cascade.eased': typed('cascade.eased', { ...header, ...cascade }),
  'check.late': typed('check.late', {
    ...header,
    lateSeconds: z
      .number()
      .meta({ description: 'From the scheduled time to the start of the check.' }),
    gapSeconds: z.number().optional().meta({ description: 'Since the last complete check.' }),
    intervalSeconds: z.number(),
  }),
  'operator.changed': typed('operator.changed', {
    ...header,
    mode: z.enum(['observe', 'enforce']),
    halt: z.boolean().meta({ description: 'true: no order plan leaves.' }),
    previous: z
      .strictObject({ mode: z.enum(['observe', 'enforce']), halt: z.boolean() })
      .meta({ description: 'As the last check saw it.' }),
    changedBy: z
      .string()
      .optional()
      .meta({ description: 'As the policy row has it. Absent if its writer left no new name.' }),
    changedAt: z.string().optional(),
    changeReason: z.string().optional(),
  }),
  'check.failed': typed('check.failed', {
    ...header,
    extent: z.enum(['whole', 'part']).meta({
      description:
        'whole: nothing is checked. part: some accounts have no decision; the others were handled.',
    }),
    since: time.meta({ description: 'The first check that failed without a sound one after it.' }),
    error: z.string().meta({ description: 'The name of the error, such as PolicyError.' }),
    detail: z.string().meta({ description: 'What is wrong, and where.' }),
  }),
};
