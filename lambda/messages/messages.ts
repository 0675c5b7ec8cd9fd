/** One JSON object each, shaped like its schema. */
import type * as z from 'zod';
import type { figures } from './figure-schemas.ts';
import type { messageSchemas, severity } from './message-schemas.ts';

type Schemas = typeof messageSchemas;

export type Severity = z.infer<typeof severity>;
export type MessageType = keyof Schemas;
export type Message = { [T in MessageType]: z.infer<Schemas[T]> }[MessageType];
/** About claims that the fund has paid. */
export type FundMessage = Extract<Message, { readonly type: 'fund.drawn' | 'loss.socialized' }>;
export type AccountMessage = Exclude<Extract<Message, { readonly accountId: string }>, FundMessage>;
/** Sent with an order plan: a position that goes to counterparties. */
export type DeleveragingMessage = Extract<FundMessage, { readonly method: 'adl' }>;
export type Figures = z.infer<typeof figures>;

/** How soon to look: info at leisure, warning soon, critical now. */
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
  'feed.frozen': 'warning',
  'cascade.warned': 'warning',
  'cascade.eased': 'info',
  'check.late': 'warning',
  'operator.changed': 'warning',
  'check.failed': 'critical',
};
