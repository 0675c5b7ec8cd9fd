/** Keeps each reason once. */
import type { Reason, Result } from '../number/reason.ts';

export class Reasons {
  private byName: Map<string, Reason> | undefined;

  /** Notes the reason if the result is not known. */
  need<T>(result: Result<T>): T | undefined {
    if (result.ok) return result.value;
    this.add(result.reason);
    return undefined;
  }

  add(reason: Reason): void {
    this.byName ??= new Map();
    this.byName.set(`${reason.code} ${reason.subject}`, reason);
  }

  get isEmpty(): boolean {
    return this.byName === undefined;
  }

  get all(): Reason[] {
    return [...(this.byName?.values() ?? [])];
  }
}
