import { App } from 'aws-cdk-lib';
import { InvalidContextError, parseAlertEmail, parseCheckIntervalSeconds } from '../lib/context.ts';
import { MarginCheckerStack } from '../lib/margin-checker-stack.ts';

const app = new App();

try {
  new MarginCheckerStack(app, 'MarginChecker', {
    checkIntervalSeconds: parseCheckIntervalSeconds(app.node.tryGetContext('checkInterval')),
    alertEmail: parseAlertEmail(app.node.tryGetContext('alertEmail')),
  });
} catch (error) {
  if (!(error instanceof InvalidContextError)) throw error;
  console.error(error.message);
  process.exit(1);
}
