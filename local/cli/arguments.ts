import { type Command, InvalidArgumentError } from 'commander';

/** Lines that run as they stand, at the end of the command's help. */
export function withExamples(command: Command, ...lines: readonly string[]): Command {
  const title = lines.length === 1 ? 'Example' : 'Examples';
  return command.addHelpText(
    'after',
    `\n${title}:\n${lines.map((line) => `  ${line}`).join('\n')}`,
  );
}

/** @throws InvalidArgumentError unless a whole number above 0 */
export function readLimit(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number above 0.');
}
