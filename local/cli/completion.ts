import { Argument, type Command, type Option } from 'commander';
import { bashScript, fishScript, zshScript } from './completion-scripts.ts';

export interface CompletedOption {
  /** `--json`, and `-h` if there is a short one. */
  readonly names: readonly string[];
  readonly about: string;
  readonly takesValue: boolean;
  /** Empty: a file. */
  readonly choices: readonly string[];
}

export interface CompletedCommand {
  readonly name: string;
  readonly about: string;
  readonly options: readonly CompletedOption[];
  /** Of the first argument. Empty: a file. */
  readonly choices: readonly string[];
}

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript };
type Shell = keyof typeof SCRIPTS;

/** Declare it after all other commands. */
export function declareCompletion(program: Command): void {
  const shell = new Argument('<shell>', 'the shell that the script is for').choices(
    Object.keys(SCRIPTS),
  );
  program
    .command('completion')
    .summary('print a script that completes this command in a shell')
    .description(
      'Print a script that completes commands, options and their values. bash: source <(margin ' +
        'completion bash). zsh: the same, after compinit. fish: margin completion fish | source.',
    )
    .addArgument(shell)
    .action((name: Shell) => {
      process.stdout.write(SCRIPTS[name](program.name(), completedCommands(program)));
    });
}

export const completedCommands = (program: Command): CompletedCommand[] =>
  program.commands.map((command) => ({
    name: command.name(),
    about: command.summary() || command.description(),
    choices: command.registeredArguments[0]?.argChoices ?? [],
    options: command.createHelp().visibleOptions(command).map(completedOption),
  }));

function completedOption({ short, long, description, required, optional, argChoices }: Option) {
  return {
    names: [long, short].filter((name) => name !== undefined),
    about: description,
    takesValue: required || optional,
    choices: argChoices ?? [],
  };
}
