/**
 * Who sends: for people who watch several deployments. Only in texts for people, never in the JSON,
 * which a decision record holds and a replay compares.
 */
export interface Origin {
  /** As the commands take it. */
  readonly stack: string;
  readonly region?: string | undefined;
  /** Of the policy; absent where it could not be read, or is not known. */
  readonly mode?: 'observe' | 'enforce' | undefined;
  /** Address of the runbook, without a paragraph. */
  readonly runbook: string;
}

export const RUNBOOK_DEFAULT = 'docs/runbook.md';

/** Of tests, and of tools that show a message without its deployment. */
export const UNNAMED_ORIGIN: Origin = { stack: 'MarginChecker', runbook: RUNBOOK_DEFAULT };
