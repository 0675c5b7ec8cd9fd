/** What goes out through SNS: one JSON object a message. Its shape is that of its schema. */
import type * as z from 'zod';
import type { figures, messageSchemas, severity } from './message-schemas.ts';

type Schemas = typeof messageSchemas;

export type Severity = z.infer<typeof severity>;
export type MessageType = keyof Schemas;
export type Message = { [T in MessageType]: z.infer<Schemas[T]> }[MessageType];
/** What the insurance fund says: of claims that it has settled, not of an assessment. */
export type FundMessage = Extract<Message, { readonly type: 'fund.drawn' | 'loss.socialized' }>;
export type AccountMessage = Exclude<Extract<Message, { readonly accountId: string }>, FundMessage>;
/** Decided with an order plan, by the account's case: what of its positions others take over. */
export type DeleveragingMessage = Extract<FundMessage, { readonly method: 'adl' }>;
export type Figures = z.infer<typeof figures>;

/** Who should look up: info at leisure, warning soon, critical now. */
export const SEVERITIES: Readonly<Record<MessageType, Severity>> = {
  'margin-call.issued': 'warning',
  'margin-call.updated': 'warning',
  'margin-call.expired': 'critical',
  'margin-call.cured': 'info',
  'liquidation.ordered': 'critical',
  'liquidation.completed': 'info',
  'liquidation.withheld': 'critical',
  'deficit.detected': 'critical',
  'fund.drawn': 'critical',
  'loss.socialized': 'critical',
  'account.indeterminate': 'warning',
  'account.determinate': 'info',
  'oracle.rejected': 'warning',
  'oracle.recovered': 'info',
  'cascade.warned': 'warning',
  'cascade.eased': 'info',
  'check.late': 'warning',
};
