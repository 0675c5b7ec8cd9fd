/** The header that every message has. */
import { MESSAGE_VERSION } from './message-version.ts';
import { type MessageType, SEVERITIES } from './messages.ts';

export const isoTime = (timeMs: number): string => new Date(timeMs).toISOString();

/** The check that a message comes from. */
export interface MessageOrigin {
  readonly checkId: string;
  readonly asOf: number;
}

/** @param prefix with the type it makes the id: one event has one id, however often it is sent */
export const messageHeader = (
  type: MessageType,
  prefix: string,
  { checkId, asOf }: MessageOrigin,
) =>
  ({
    id: `${prefix}/${type}`,
    version: MESSAGE_VERSION,
    severity: SEVERITIES[type],
    checkId,
    asOf: isoTime(asOf),
  }) as const;
