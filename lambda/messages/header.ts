import { MESSAGE_VERSION } from './message-version.ts';
import { type MessageType, SEVERITIES } from './messages.ts';

export const isoTime = (timeMs: number): string => new Date(timeMs).toISOString();

export interface MessageOrigin {
  readonly checkId: string;
  readonly asOf: number;
}

/** @param prefix forms the id together with the type: one event has one id, however often sent */
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
