/** One thing to look at. A right that is missing is a finding and does not stop the others. */
import { inputFaultOf } from '../../aws/aws-faults.ts';
import { reasonOf } from '../../cli/input.ts';
import type { Finding } from './finding.ts';

export interface Probe {
  /** In the plural: `the alarms`. */
  readonly what: string;
  /** Such as `dynamodb:Scan`; the answer of AWS may name another. */
  readonly right: string;
}

const DENIED = /AccessDenied|AuthorizationError|not authorized/i;
const ABSENT = /NotFound/;

/** @throws InputError without credentials, region or network: then nothing can be looked at */
export async function probed<T>(
  { what, right }: Probe,
  findings: Finding[],
  look: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    const { name = '' } = error as { name?: string };
    const text = `${name} ${reasonOf(error)}`.replaceAll(/\s+/g, ' ');
    if (DENIED.test(text)) findings.push(deniedFinding(what, rightIn(text) ?? right));
    else if (ABSENT.test(text)) findings.push(absentFinding(what, text));
    else {
      const fault = inputFaultOf(error);
      if (fault !== undefined) throw fault;
      findings.push(failedFinding(what, text));
    }
    return undefined;
  }
}

/** "User: … is not authorized to perform: dynamodb:Scan on resource: …" */
const rightIn = (text: string): string | undefined =>
  /not authorized to perform: ([A-Za-z0-9-]+:[A-Za-z]+)/.exec(text)?.[1];

const deniedFinding = (what: string, right: string): Finding => ({
  severity: 'warning',
  about: 'right',
  what: `${what} were not checked: these credentials lack the right ${right}`,
  todo: `grant ${right}, or use other credentials`,
});

const absentFinding = (what: string, text: string): Finding => ({
  severity: 'critical',
  about: 'right',
  what: `${what} do not exist (${text})`,
  todo: 'check the region and the stack; restore what was deleted',
});

const failedFinding = (what: string, text: string): Finding => ({
  severity: 'warning',
  about: 'right',
  what: `${what} were not checked: ${text}`,
  todo: 'run this again, and look into what AWS says if it goes on',
});
