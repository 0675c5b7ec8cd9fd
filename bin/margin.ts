#!/usr/bin/env node
/**
 * The `margin` command. Exit code 0: ok. 1: a finding. 2: bad input, with one line that says what.
 */
import { Command, CommanderError } from 'commander';
import { inputFaultOf } from '../local/aws/aws-faults.ts';
import { declareAccount } from '../local/cli/account.ts';
import { declareAccounts } from '../local/cli/accounts.ts';
import { declareAssess } from '../local/cli/assess.ts';
import { declareBacktest } from '../local/cli/backtest.ts';
import { declareCompletion } from '../local/cli/completion.ts';
import { declareDecision } from '../local/cli/decision.ts';
import { declareDoctor } from '../local/cli/doctor.ts';
import { addExamples } from '../local/cli/examples.ts';
import { declareExport } from '../local/cli/export.ts';
import { declareFund } from '../local/cli/fund.ts';
import { declareHistory } from '../local/cli/history.ts';
import { declareInit } from '../local/cli/init.ts';
import { InputError, reasonOf } from '../local/cli/input.ts';
import { declareInvoke } from '../local/cli/invoke.ts';
import { declareLoad } from '../local/cli/load.ts';
import { BAD_INPUT, FINDING, note } from '../local/cli/output.ts';
import { declarePlan } from '../local/cli/plan.ts';
import { declarePolicyCommands } from '../local/cli/policy-commands.ts';
import { declareReplay } from '../local/cli/replay.ts';
import { declareSimulate } from '../local/cli/simulate.ts';
import { declareStatus } from '../local/cli/status.ts';
import { declareStress } from '../local/cli/stress.ts';
import { declareVenues } from '../local/cli/venues.ts';
import { declareWatch } from '../local/cli/watch.ts';

const program = new Command('margin')
  .description(
    'Margin checks for crypto derivatives accounts. Exit code 0: ok; 1: a finding; 2: bad input.',
  )
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text) });

for (const declare of [
  declareAssess,
  declarePlan,
  declareVenues,
  declareBacktest,
  declareInvoke,
  declareReplay,
  declareSimulate,
  declareInit,
  declareLoad,
  declareExport,
  declareWatch,
  declareStatus,
  declareAccounts,
  declareAccount,
  declareHistory,
  declareDecision,
  declareDoctor,
  declareStress,
  declareFund,
  declarePolicyCommands,
  declareCompletion,
]) {
  declare(program);
}
addExamples(program);

// A reader such as head closes the pipe as soon as it has enough. The command ends by itself.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : BAD_INPUT;
  else {
    const fault = inputFaultOf(error) ?? error;
    note(reasonOf(fault));
    process.exitCode = fault instanceof InputError ? BAD_INPUT : FINDING;
  }
}
