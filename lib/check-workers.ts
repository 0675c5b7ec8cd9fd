import { Duration } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Construct } from 'constructs';
import { allow } from './check-function.ts';
import type { AnyTable } from './margin-tables.ts';
import type { WorkerEnvironment } from './names.ts';
import { codeOf, KEY_RIGHTS, type LogSettings, roleAndLogs } from './node-function.ts';

/** Each reads 16 accounts at once. More would get no more from a table that has just been created. */
export const WORKERS_MAX = 50;

export const WORKERS_ALLOWED = `give a whole number up to ${WORKERS_MAX}; 0 for none`;

/** @returns whether so many can be invoked at once */
export const isWorkers = (count: number): boolean =>
  Number.isInteger(count) && count >= 0 && count <= WORKERS_MAX;

/** Then the check gives an answer up, asks once more, and reads by itself. */
const PATIENCE = Duration.seconds(5);
const TIMEOUT = Duration.seconds(2 * PATIENCE.toSeconds());

/** One whole processor: reading is compute-bound. */
const MEMORY_MB = 1769;

interface CheckWorkersProps extends LogSettings {
  readonly accounts: AnyTable;
}

/** The function that reads and scans accounts for the check, and may do nothing else. */
export class CheckWorkers extends Construct {
  readonly handler: NodejsFunction;

  /** The check waits so long for an answer. */
  readonly patience = PATIENCE;

  constructor(scope: Construct, id: string, props: CheckWorkersProps) {
    super(scope, id);
    const { accounts } = props;
    const environment: WorkerEnvironment = { ACCOUNTS_TABLE: accounts.tableName };
    const { role, logGroup } = roleAndLogs(this, props);
    role.addToPolicy(allow(accounts.tableArn, ['Query', 'Scan']));
    accounts.encryptionKey?.grant(role, ...KEY_RIGHTS);
    this.handler = new NodejsFunction(this, 'Handler', {
      description: 'Reads margin accounts for a check that has many to read',
      ...codeOf('worker'),
      memorySize: MEMORY_MB,
      timeout: TIMEOUT,
      environment: { ...environment },
      role,
      logGroup,
    });
  }

  /** Explicit, because the CDK's grant includes every version. */
  grantInvoke(role: Role): void {
    const resources = [this.handler.functionArn];
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources }));
  }
}
