/** A case that is raised or not, such as a rejected feed. Each change is published once. */
import type { Message } from '../messages/messages.ts';
import type { CaseSubject } from '../outbox/case-subject.ts';
import { CASE, type Key, pendingMessage } from '../outbox/stored-case.ts';

export const alertKey = (prefix: string, name: string): Key => ({ pk: prefix + name, sk: CASE });

export const nameInKey = ({ pk }: Key, prefix: string): string | undefined =>
  pk.startsWith(prefix) ? pk.slice(prefix.length) : undefined;

export interface AlertCase {
  readonly key: Key;
  readonly flag: string;
  /** @returns whether the case is raised from now on */
  readonly next: (isRaised: boolean) => boolean;
  /** Absent if the feed or market is gone: nothing is published. */
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
