import { App } from 'aws-cdk-lib';
import { InvalidContextError, readContext } from '../lib/context.ts';
import { MarginCheckerStack } from '../lib/margin-checker-stack.ts';

const app = new App();

try {
  new MarginCheckerStack(app, 'MarginChecker', readContext(app.node.getAllContext()));
} catch (error) {
  if (!(error instanceof InvalidContextError)) throw error;
  console.error(error.message);
  process.exit(1);
}
