/**
 * `npm run simulate:mutants`: plants one fault at a time in a copy of the checker, and simulates
 * histories until one fails. A fault that no history finds is one that the promises do not cover.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { Command } from 'commander';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = [
  'lambda',
  'lib',
  'local',
  'test/aws',
  'test/world',
  'docs/schemas',
  'package.json',
];

interface Mutant {
  readonly fault: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const MUTANTS: readonly Mutant[] = [
  {
    fault: 'a case is written without its version',
    file: 'lambda/aws/margin-table.ts',
    from: '#version = :version AND #checkId',
    to: '#version >= :version AND #checkId',
  },
  {
    fault: 'a write whose answer was lost is not recognised',
    file: 'lambda/aws/margin-table.ts',
    from: 'if (item !== undefined && isSameItem(item, sent)) return',
    to: 'if (item !== undefined && item === sent) return',
  },
  {
    fault: 'an older check writes over the memory of feeds',
    file: 'lambda/aws/margin-table.ts',
    from: ' OR checkId < :checkId',
    to: ' OR checkId <> :checkId',
  },
  {
    fault: 'a repeated event runs again',
    file: 'lambda/check/fence.ts',
    from: 'fence !== undefined && fence.checkId >= checkId',
    to: 'fence !== undefined && fence.checkId > checkId',
  },
  {
    fault: 'an old event is taken for a new one',
    file: 'lambda/check/fence.ts',
    from: 'fence !== undefined && fence.checkId >= checkId',
    to: 'fence !== undefined && fence.checkId === checkId',
  },
  {
    fault: 'an overtaken check decides',
    file: 'lambda/outbox/outbox.ts',
    from: 'if (overtaken !== undefined) throw overtaken;',
    to: 'if (overtaken !== undefined) return;',
  },
  {
    fault: 'an overtaken check publishes',
    file: 'lambda/outbox/outbox.ts',
    from: 'const overtaken = toPublish.length === 0 ? undefined : await this.overtaken();',
    to: 'const overtaken = toPublish.length === -1 ? await this.overtaken() : undefined;',
  },
  {
    fault: 'clearing writes over what a later run decided',
    file: 'lambda/outbox/case-records.ts',
    from: 'now?.version === stored.version ? { ...stored, pending } : undefined;',
    to: 'now === undefined ? undefined : { ...stored, version: now.version, pending };',
  },
  {
    fault: 'records are not put',
    file: 'lambda/outbox/case-records.ts',
    from: 'for (const decision of recorded) await this.putRecord(key, decision);',
    to: 'for (const decision of recorded.slice(1)) await this.putRecord(key, decision);',
  },
  {
    fault: 'pending messages of closed cases are not sent again',
    file: 'lambda/outbox/case-runner.ts',
    from: 'this.process(this.openKeys.map(resendOnly)),',
    to: 'this.process(this.openKeys.slice(1).map(resendOnly)),',
  },
  {
    fault: 'a decision forgets what was pending before',
    file: 'lambda/outbox/outbox.ts',
    from: 'pending: [...stillWanted(stored?.pending ?? [], update), ...(hasNews ? [decided] : [])],',
    to: 'pending: hasNews ? [decided] : stillWanted(stored?.pending ?? [], update),',
  },
  {
    fault: 'a message that SNS refused counts as sent',
    file: 'lambda/aws/topics.ts',
    from: 'return taken.has(id) ? [] :',
    to: 'return taken.has(id) || id !== "0" ? [] :',
  },
  {
    fault: 'messages of a batch that got no answer count as sent',
    file: 'lambda/aws/topics.ts',
    from: 'return new Map(batch.map((each) => [each, String(error)]));',
    to: 'return new Map(batch.slice(1).map((each) => [each, String(error)]));',
  },
  {
    fault: 'a message takes the place of another that tells something else',
    file: 'lambda/outbox/pending-messages.ts',
    from: "    case 'deficit.detected':\n",
    to: "    case 'deficit.detected': case 'liquidation.completed': case 'margin-call.cured': case 'margin-call.issued': return 'the case';\n",
  },
  {
    fault: 'plans leave while halted',
    file: 'lambda/outbox/outbox.ts',
    from: '(isHalted && orderPlanIn(each) !== undefined)',
    to: '(isHalted && orderPlanIn(each) === undefined)',
  },
  {
    fault: 'a plan that has not left stays beside its successor',
    file: 'lambda/outbox/pending-messages.ts',
    from: 'return isUndelivered ?',
    to: 'return !to ?',
  },
  {
    fault: 'pending plans leave in mode observe',
    file: 'lambda/outbox/pending-messages.ts',
    from: '(now.isObserving || Date.parse(plan.expiresAt) <= now.asOf)',
    to: 'Date.parse(plan.expiresAt) <= now.asOf',
  },
  {
    fault: 'a plan is followed by another before its time',
    file: 'lambda/margin/case/liquidation-due.ts',
    from: 'return asOf >= cooledAt || asOf >= plan.expiresAt;',
    to: 'return asOf >= cooledAt || asOf >= plan.sentAt;',
  },
  {
    fault: 'two plans of a case have one generation',
    file: 'lambda/margin/case/liquidation-due.ts',
    from: '(open?.plan?.generation ?? 0) + 1;',
    to: '(open?.plan?.generation ?? 1);',
  },
  {
    fault: 'a call expires before its deadline',
    file: 'lambda/margin/case/decide.ts',
    from: 'else if (this.input.asOf < call.deadline) this.updateCall(open, call);',
    to: 'else if (this.input.asOf < call.sentAt) this.updateCall(open, call);',
  },
  {
    fault: 'a deadline does not move by an outage',
    file: 'lambda/margin/case/outage.ts',
    from: 'deadline: call.deadline + at.asOf - began,',
    to: 'deadline: call.deadline,',
  },
  {
    fault: 'an expired call liquidates at any level',
    file: 'lambda/margin/case/liquidation-due.ts',
    from: "return isExpired && level === 'call' && isSurelyNegative(surplus.call.agedHigh);",
    to: "return isExpired && level === 'call';",
  },
  {
    fault: 'an indeterminate account loses its case',
    file: 'lambda/margin/case/decide.ts',
    from: 'const next = { ...state, ...(open === undefined ? {} : { open }), isIndeterminate: true };',
    to: 'const next = { isIndeterminate: true };',
  },
  {
    fault: 'the doubt of a price does not count for a liquidation',
    file: 'lambda/margin/assess/verdict.ts',
    from: 'if (isSurelyNegative(liquidation.agedHigh)) {',
    to: 'if (isSurelyNegative(liquidation.least)) {',
  },
  {
    fault: 'a doubtful price keeps an account healthy',
    file: 'lambda/margin/assess/verdict.ts',
    from: 'if (isSurelyNotNegative(call.least) && isAboveLiquidation) return',
    to: 'if (isSurelyNotNegative(call.most) && isAboveLiquidation) return',
  },
  {
    fault: 'dust of a dead token leaves an account undecided',
    file: 'lambda/margin/book/arrange.ts',
    from: "if (!found.ok && found.reason.code === 'price-missing') {\n      this.addUnpriced(unpricedBalance",
    to: "if (!found.ok && found.reason.code === 'asset-unknown') {\n      this.addUnpriced(unpricedBalance",
  },
  {
    fault: 'a case of a healthy account is not closed',
    file: 'lambda/accounts/account-decisions.ts',
    from: 'return this.input.runner.isOpen(caseKey(accountId, position));',
    to: 'return this.input.runner.isOpen(caseKey(accountId, position)) && position !== undefined;',
  },
  {
    fault: 'rows are not read a second time',
    file: 'lambda/accounts/second-reading.ts',
    from: 'if (isEqual.get(subject.account)) return subject;',
    to: 'if (isEqual.size > 0) return subject;',
  },
  {
    fault: 'a mark of change does not shield',
    file: 'lambda/margin/case/decide.ts',
    from: 'if (rowsChanging !== undefined && isWanted && waitsForRows(state, input)) {',
    to: "if (rowsChanging === 'different' && isWanted && waitsForRows(state, input)) {",
  },
  {
    fault: 'a mark of change is not read',
    file: 'lambda/accounts/decision.ts',
    from: 'if (subAccount?.account.isChanging) return',
    to: 'if (subAccount?.account.isChanging === undefined) return',
  },
  {
    fault: 'the fund draws more than it has',
    file: 'lambda/fund/claim-booking.ts',
    from: 'drawFrom(roundDown(ledger.balance, composing.policy.amountPlaces), lot);',
    to: 'drawFrom(lot.map((each) => each.amount).reduce((a, b) => (a > b ? a : b)), lot);',
  },
  {
    fault: "a meter's total is booked as a payment each time",
    file: 'lambda/margin/waterfall/ledger.ts',
    from: 'subtract(total, readings.get(source) ?? NO_AMOUNT);',
    to: 'subtract(total, readings.size > 1 ? total : NO_AMOUNT);',
  },
  {
    fault: 'a claim is drawn, and no entry is made',
    file: 'lambda/margin/waterfall/ledger.ts',
    from: 'const balance = subtract(next.balance, amount);',
    to: 'const balance = next.balance;',
  },
  {
    fault: 'a believed price is not remembered',
    file: 'lambda/check/feed-memory.ts',
    from: 'const price = remembered ?? before?.price;',
    to: 'const price = before?.price ?? remembered;',
  },
  {
    fault: 'one print of a single source is believed',
    file: 'lambda/margin/market/prints.ts',
    from: 'if (!isConfirmed) return { believed: before, suspect: now };',
    to: 'if (!isConfirmed) return { believed: now };',
  },
  {
    fault: 'a quote older than one that was read before is news',
    file: 'lambda/margin/market/sources.ts',
    from: 'quote.publishedAt >= (read.get(quote.source) ?? 0)',
    to: 'quote.publishedAt >= (read.get(quote.source) ?? 0) - 1e6',
  },
  {
    fault: 'one source that lies silences the others',
    file: 'lambda/margin/market/sources.ts',
    from: 'return sorted.filter(({ price }) => !isAbove(absolute(subtract(price, median)), most));',
    to: 'return sorted.filter((_, __, all) => all.every(({ price }) => !isAbove(absolute(subtract(price, median)), most)));',
  },
  {
    fault: 'a stale price counts as it was',
    file: 'lambda/margin/market/belief.ts',
    from: 'const range = around(before.price, staleRangeOf(rules.staleRange, ageSeconds));',
    to: 'const range = around(before.price, ONE);',
  },
  {
    fault: 'open cases of accounts without rows are forgotten',
    file: 'lambda/accounts/account-decisions.ts',
    from: 'const accountIds = [...this.unseen.values()].map(({ accountId }) => accountId);',
    to: 'const accountIds: string[] = [];',
  },
  {
    fault: 'a heard change does not make an account dirty',
    file: 'lambda/certified/certified-book.ts',
    from: 'this.index.of.isDirty[this.index.add(accountId)] = 1;',
    to: 'this.index.add(accountId);',
  },
  {
    fault: 'a canary of any check proves',
    file: 'lambda/certified/stream-follower.ts',
    from: 'if (item !== this.checkId) return false;',
    to: "if (item === '') return false;",
  },
  {
    fault: 'an unproved stream is trusted',
    file: 'lambda/certified/trust.ts',
    from: 'if (!isProved) return',
    to: 'if (isProved === undefined) return',
  },
  {
    fault: 'the scan that is noted is eventually consistent',
    file: 'lambda/certified/certified-check.ts',
    from: '{ isConsistent: true, after }',
    to: '{ isConsistent: false, after }',
  },
  {
    fault: 'a child shard is begun at its end',
    file: 'lambda/aws/accounts-stream.ts',
    from: "await this.iterator(shardId, 'TRIM_HORIZON')",
    to: "await this.iterator(shardId, 'LATEST')",
  },
  {
    fault: 'rules of instruments are not looked at',
    file: 'lambda/margin/certificate/columns.ts',
    from: 'if (rulesOf(subject, snapshot) !== text) return false;',
    to: "if (subject.startsWith('asset ') && rulesOf(subject, snapshot) !== text) return false;",
  },
  {
    fault: 'NaN counts as proved',
    file: 'lambda/certified/reading.ts',
    from: 'if (bound > 0 || own === NOBODY) continue;',
    to: 'if (!(bound <= 0) || own === NOBODY) continue;',
  },
  {
    fault: 'an account that has become unhealthy keeps its certificate',
    file: 'lambda/certified/certified-book.ts',
    from: 'const certified = parts && this.newest?.certify(parts, at);\n    this.withdraw(number);',
    to: 'const certified = parts && this.newest?.certify(parts, at);\n    if (certified) this.withdraw(number);',
  },
  {
    fault: 'a certificate ignores the shock',
    file: 'lambda/margin/certificate/multipliers.ts',
    from: '    multiple * (uncertainty + factor.shockDown),\n    multiple * (uncertainty + factor.shockUp),\n',
    to: '    multiple * uncertainty,\n    multiple * uncertainty,\n',
  },
  {
    fault: 'a certificate ignores the uncertainty',
    file: 'lambda/margin/certificate/multipliers.ts',
    from: '    multiple * (uncertainty + factor.shockDown),\n    multiple * (uncertainty + factor.shockUp),\n',
    to: '    multiple * factor.shockDown,\n    multiple * factor.shockUp,\n',
  },
  {
    fault: 'a certificate ignores the fall',
    file: 'lambda/margin/certificate/multipliers.ts',
    from: 'Math.max(0, 1 - multiple),',
    to: '0,',
  },
  {
    fault: 'accounts that a worker leaves out are not read',
    file: 'lambda/accounts/account-workers.ts',
    from: 'return part.filter((accountId) => !read.has(accountId));',
    to: 'return [];',
  },
  {
    fault: 'the part of a worker that failed is taken for empty',
    file: 'lambda/accounts/account-workers.ts',
    from: 'const read = new Set(accounts.map(({ accountId }) => accountId));',
    to: 'const read = new Set(accounts.length > 0 ? accounts.map((each) => each.accountId) : part);',
  },
  {
    fault: 'the rest of a segment whose worker failed is not scanned',
    file: 'lambda/accounts/segment-scan.ts',
    from: 'await this.share(fanOut);\n    await this.scanAll();',
    to: 'await this.share(fanOut);',
  },
  {
    fault: 'an account with an open case that a worker found safe is not read',
    file: 'lambda/accounts/segment-scan.ts',
    from: 'if (decisions.hasOpenCase(accountId)) return false;',
    to: '',
  },
  {
    fault: 'an event check is never overtaken',
    file: 'lambda/outbox/check-id.ts',
    from: 'asOf: number): string =>\n  `',
    to: 'asOf: number): string =>\n  `~',
  },
];

const options = new Command('simulate:mutants')
  .description('Plant one fault at a time, and simulate histories until one of them fails')
  .option('--histories <number>', 'most histories for each fault', '10000')
  .option('--seconds <number>', 'most seconds for each fault', '900')
  .option('--seed <number>', 'of the first history', '1')
  .option('--only <text>', 'faults whose description contains this')
  .allowExcessArguments(false)
  .parse()
  .opts<{ histories: string; seconds: string; seed: string; only?: string }>();

interface Found {
  readonly done: number;
  readonly failures: readonly { readonly seed: number; readonly violations: readonly string[] }[];
}

const folder = mkdtempSync(join(tmpdir(), 'margin-mutants-'));
for (const each of FOLDERS) cpSync(join(ROOT, each), join(folder, each), { recursive: true });
symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));

const table = new Table({
  head: ['fault', 'found after', 'seed', 'by'],
  style: { head: [], border: [] },
  colWidths: [44, 12, 12, 80],
  wordWrap: true,
});
let missed = 0;
for (const mutant of MUTANTS.filter(({ fault }) => fault.includes(options.only ?? ''))) {
  const found = tryOut(mutant);
  const [failure] = found.failures;
  if (failure === undefined) missed++;
  const line = failure?.violations[0] ?? 'NOT FOUND';
  table.push([mutant.fault, `${found.done}`, `${failure?.seed ?? ''}`, line]);
  console.error(`${mutant.fault}: ${found.done}, ${line}`);
}
console.log(table.toString());
rmSync(folder, { recursive: true });
if (missed > 0) process.exitCode = 1;

function tryOut({ file, from, to }: Mutant): Found {
  const place = join(folder, file);
  const sound = readFileSync(place, 'utf8');
  if (sound.split(from).length !== 2) throw new Error(`${file} does not have this once: ${from}`);
  writeFileSync(
    place,
    sound.replace(from, () => to),
  );
  const { histories, seconds, seed } = options;
  const limits = ['--histories', histories, '--seconds', seconds, '--seed', seed];
  const { stdout } = spawnSync(
    process.execPath,
    ['test/world/main.ts', ...limits, '--until-failure', '--json'],
    { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  writeFileSync(place, sound);
  return JSON.parse(stdout) as Found;
}
