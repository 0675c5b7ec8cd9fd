import type { Command } from 'commander';
import { type Place, STACK_DEFAULT } from '../aws/deployment.ts';

export const withPlace = (command: Command): Command =>
  command
    .option('--stack <name>', `CloudFormation stack of the checker (default: ${STACK_DEFAULT})`)
    .option('--environment', 'read the function’s environment variables instead of a stack')
    .option('--endpoint <url>', 'AWS endpoint to use instead of AWS_ENDPOINT_URL');

export const isPlaced = ({ stack, environment, endpoint }: Place): boolean =>
  stack !== undefined || environment === true || endpoint !== undefined;
