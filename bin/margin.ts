#!/usr/bin/env node
/** The command `margin`. Exit code 0: ok; 1: a finding; 2: bad input, with one line that says what. */
import { Command, CommanderError } from 'commander';
import { inputFaultOf } from '../local/aws-faults.ts';
import { declareAssess } from '../local/commands/assess.ts';
import { declareBacktest } from '../local/commands/backtest.ts';
import { declareFund } from '../local/commands/fund.ts';
import { InputError, reasonOf } from '../local/commands/input.ts';
import { declareInvoke } from '../local/commands/invoke.ts';
import { declareLoad } from '../local/commands/load.ts';
import { BAD_INPUT, FINDING, note } from '../local/commands/output.ts';
import { declareReplay } from '../local/commands/replay.ts';
import { declareSimulate } from '../local/commands/simulate.ts';
import { declareStatus } from '../local/commands/status.ts';
import { declareStress } from '../local/commands/stress.ts';
import { declareVenues } from '../local/commands/venues.ts';
import { declareWatch } from '../local/commands/watch.ts';

const program = new Command('margin')
  .description(
    'Margin of crypto derivatives accounts: assess, venues, check, replay; load, watch, status, fund; backtest, simulate, stress.',
  )
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text) });

for (const declare of [
  declareAssess,
  declareVenues,
  declareBacktest,
  declareInvoke,
  declareReplay,
  declareSimulate,
  declareLoad,
  declareWatch,
  declareStatus,
  declareStress,
  declareFund,
]) {
  declare(program);
}

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
