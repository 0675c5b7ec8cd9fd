/** What is wrong with a deployment, and what to do about it. */

/** In the order in which to look at them. */
export const SUBJECTS = [
  'policy',
  'right',
  'subscription',
  'alarm',
  'feed',
  'row',
  'name',
  'setting',
  'clock',
] as const;

/** critical: somebody or something is not reached, watched or checked. */
export type Severity = 'critical' | 'warning';

export interface Finding {
  readonly severity: Severity;
  readonly about: (typeof SUBJECTS)[number];
  readonly what: string;
  readonly todo: string;
}

export const ranked = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted(
    (left, right) =>
      left.severity.localeCompare(right.severity) ||
      SUBJECTS.indexOf(left.about) - SUBJECTS.indexOf(right.about),
  );

/** A table may hold more faulty rows than anybody reads, or memory holds. */
const LISTED_MAX = 200;

/** Keeps the first findings about one subject and counts the others. */
export class FindingList {
  private readonly listed: Finding[] = [];
  private others = 0;

  add(finding: Finding): void {
    if (this.listed.length < LISTED_MAX) this.listed.push(finding);
    else this.others++;
  }

  get findings(): readonly Finding[] {
    const [first] = this.listed;
    if (first === undefined || this.others === 0) return this.listed;
    const what = `${this.others} more findings like the ${LISTED_MAX} about a ${first.about}`;
    return [...this.listed, { ...first, what, todo: 'correct those, and run this again' }];
  }
}
