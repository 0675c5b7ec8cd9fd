/** `margin halt`, `resume`, `enforce` and `observe`. */
import { hostname, userInfo } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { createClients } from '../../lambda/aws/clients.ts';
import { INVISIBLE } from '../../lambda/messages/visible.ts';
import { endpointOf, locate, type Place } from '../aws/deployment.ts';
import { type ChangeOutcome, type NewSetting, setPolicy } from '../operate/set-policy.ts';
import { InputError } from './input.ts';
import { note, print, printJson } from './output.ts';
import { withPlace } from './place.ts';

interface PolicyCommand {
  readonly summary: string;
  readonly description: string;
  readonly set: NewSetting;
}

const COMMANDS: Readonly<Record<string, PolicyCommand>> = {
  halt: {
    summary: 'stop all order plans at once',
    description: 'Stop all order plans at once. Checks, calls and alerts go on.',
    set: { halt: true },
  },
  resume: {
    summary: 'let order plans leave again after a halt',
    description: 'Let order plans leave again after a halt, if the mode is enforce.',
    set: { halt: false },
  },
  enforce: {
    summary: 'send order plans to the execution system',
    description: 'Send order plans to the execution system, unless they are halted.',
    set: { mode: 'enforce' },
  },
  observe: {
    summary: 'send order plans as alerts only',
    description: 'Send order plans as alerts only, and none to the execution system.',
    set: { mode: 'observe' },
  },
};

interface PolicyOptions extends Place {
  readonly reason: string;
  readonly by?: string;
  readonly json?: boolean;
}

export function declarePolicyCommands(program: Command): void {
  for (const [name, { summary, description, set }] of Object.entries(COMMANDS)) {
    const command = program
      .command(name)
      .summary(summary)
      .description(
        `${description} Writes the policy row once, unless somebody has changed it meanwhile (exit ` +
          'code 2). The next check publishes it as operator.changed.',
      )
      .requiredOption('--reason <text>', 'why; it goes into the row and the alert', readNote)
      .option('--by <name>', 'who (default: your user name and this machine)', readNote);
    withPlace(command)
      .option('--json', 'print JSON')
      .action((options: PolicyOptions) => changePolicy(set, options));
  }
}

const NOTE_LENGTH_MAX = 200;

function readNote(text: string): string {
  const trimmed = text.trim();
  const isLine = !new RegExp(INVISIBLE.source, 'u').test(trimmed);
  if (trimmed !== '' && trimmed.length <= NOTE_LENGTH_MAX && isLine) return trimmed;
  throw new InvalidArgumentError(`It must be one line of 1 to ${NOTE_LENGTH_MAX} characters.`);
}

async function changePolicy(set: NewSetting, options: PolicyOptions): Promise<void> {
  const { reason, by = ownName() } = options;
  const { marketTable: table } = await locate(options);
  const { dynamo } = createClients(endpointOf(options));
  const at = new Date().toISOString();
  const outcome = await setPolicy({ dynamo, table }, { set, by, reason, at });
  if (options.json) printJson(outcome);
  else print(outcome, outcomeLine);
  const { isChanged, now } = outcome;
  if (isChanged && 'mode' in set && set.mode === 'enforce' && now.halt) {
    note('order plans are halted: none leaves until margin resume');
  }
  if (isChanged && 'halt' in set && !set.halt && now.mode === 'observe') {
    note('the mode is observe: order plans go out as alerts only until margin enforce');
  }
}

function ownName(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    throw new InputError('this machine has no user name: say who you are with --by <name>');
  }
}

function outcomeLine({ isChanged, now, before }: ChangeOutcome): string {
  const state = `mode ${now.mode}, halt ${now.halt}`;
  if (!isChanged) return `nothing to do: the policy already has ${state}`;
  const was = `before: mode ${before.mode}, halt ${before.halt}`;
  return `${state} (${was}), by ${now.changedBy}; in force from the next check, which says so`;
}
