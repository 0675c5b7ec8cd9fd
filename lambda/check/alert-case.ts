/** A case that is either raised or not, such as a rejected feed; it is said once each way. */
import type { Message } from '../messages/messages.ts';
import type { CaseSubject } from '../outbox/case-subject.ts';
import { CASE, type Key, pendingMessage } from '../outbox/stored-case.ts';

export const alertKey = (prefix: string, name: string): Key => ({ pk: prefix + name, sk: CASE });

/** The name in the key of an alert case; undefined for a key of another kind. */
export const nameInKey = ({ pk }: Key, prefix: string): string | undefined =>
  pk.startsWith(prefix) ? pk.slice(prefix.length) : undefined;

export interface AlertCase {
  readonly key: Key;
  /** Under which the state is stored. */
  readonly flag: string;
  /** @returns whether the case is raised from now on */
  readonly next: (isRaised: boolean) => boolean;
  /** Absent: nothing is said, as whatever the case was about is gone. */
  readonly compose?: ((isRaised: boolean) => Message) | undefined;
}

export const alertSubject = ({ key, flag, next, compose }: AlertCase): CaseSubject => ({
  key,
  decide: (stored) => {
    const state = stored?.state as Readonly<Record<string, boolean>> | undefined;
    const before = state?.[flag] ?? false;
    const isRaised = next(before);
    if (isRaised === before) return undefined;
    const messages = compose === undefined ? [] : [pendingMessage(compose(isRaised), ['alerts'])];
    return { state: { [flag]: isRaised }, isActive: isRaised, keepsPlans: false, messages };
  },
});
