import type { Command } from 'commander';
import { type Place, STACK_DEFAULT } from '../aws/deployment.ts';

export const withPlace = (command: Command): Command =>
  command
    .option('--stack <name>', `the CloudFormation stack whose outputs to use (${STACK_DEFAULT})`)
    .option('--environment', 'ask no stack: take the variables that the function has')
    .option('--endpoint <url>', 'where AWS is; AWS_ENDPOINT_URL does the same');

export const isPlaced = ({ stack, environment, endpoint }: Place): boolean =>
  stack !== undefined || environment === true || endpoint !== undefined;
