/** `npm run emulator`: AWS on this machine until Ctrl-C. */
import { Command, InvalidArgumentError } from 'commander';
import { EmulatorError, startEmulator } from './emulator.ts';

const PORT_DEFAULT = 4566;

const program = new Command('emulator')
  .option('--port <number>', 'port to listen on, on this machine', portOf, PORT_DEFAULT)
  .parse();

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new InvalidArgumentError('It must be a whole number from 1 to 65535.');
}

try {
  process.stderr.write('installing and starting …\n');
  const emulator = await startEmulator(program.opts<{ port: number }>());
  const exports = Object.entries(emulator.environment).map(
    ([name, value]) => `export ${name}=${value}`,
  );
  process.stdout.write(`AWS is emulated at ${emulator.endpoint}. In another terminal, run:

${exports.join('\n')}
npx cdk bootstrap
npx cdk deploy --require-approval never
npx margin load docs/examples/book
npx margin watch

Press Ctrl-C here to stop it; everything in it is lost. Log: ${emulator.logFile}
`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => emulator.stop().then(() => process.exit(0)));
  }
} catch (error) {
  if (!(error instanceof EmulatorError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
