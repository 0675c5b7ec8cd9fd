import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { Command } from 'commander';
import { createClients } from '../../lambda/aws/clients.ts';
import { endpointOf, locate, type Place, STACK_DEFAULT } from '../aws/deployment.ts';
import { diagnose } from '../operate/doctor/doctor.ts';
import { diagnosisText } from '../operate/doctor/doctor-text.ts';
import { FINDING, print, printJson } from './output.ts';
import { withPlace } from './place.ts';

interface DoctorOptions extends Place {
  readonly json?: boolean;
}

export function declareDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .summary('look for what is wrong with a deployment')
    .description(
      'Look for what is wrong with a deployment, and change nothing: who hears alerts, orders and ' +
        'alarms; whether alarms can ring; stale feeds and feeds with one source; every row that is ' +
        'refused; names that no row defines; settings that contradict each other; the clock; missing ' +
        'rights. One line a finding, the worst first. Exit code 1 if there is one.',
    );
  withPlace(command).option('--json', 'print JSON').action(printDiagnosis);
}

async function printDiagnosis(options: DoctorOptions): Promise<void> {
  const deployment = await locate(options);
  const place = endpointOf(options);
  const stack = {
    name: options.stack ?? STACK_DEFAULT,
    cloudFormation: new CloudFormationClient(place),
    cloudWatch: new CloudWatchClient(place),
  };
  const diagnosis = await diagnose({
    ...createClients(place),
    deployment,
    ...(options.environment === true ? {} : { stack }),
    now: Date.now(),
  });
  if (options.json) printJson(diagnosis);
  else print(diagnosis, diagnosisText);
  if (!diagnosis.isWell) process.exitCode = FINDING;
}
