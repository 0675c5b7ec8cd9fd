/** A certificate that promises too much is found, and switches certificates off. */
import { expect, it, onTestFinished, vi } from 'vitest';
import { Edition } from '../../lambda/certified/edition.ts';
import { readState } from '../../lambda/certified/state.ts';
import { certificateFindings } from '../../local/status/certificate-findings.ts';
import { long } from './book.ts';
import { type Call, type Interceptor, unharmed } from './injector.ts';
import {
  certificatesOf,
  isSaidOf,
  many,
  marginOf,
  openCertified,
  throttled,
  unrecorded,
  Warm,
  withoutCheckpoints,
} from './warm.ts';
import { checkIdOf, type Row, timeOf, type World } from './world.ts';

const OFF = 'a certificate was wrong, so none is made any more';
const FIVE_MINUTES = { checkIntervalSeconds: 300 };
const richer = (row: Row): Row => (row.asset === undefined ? row : { ...row, amount: '90000' });
const FALLEN = { 'BTC-USD': '5600' };

/** Those of one account are worth a million too much. */
function plant(accountId: string): void {
  const certify = Edition.prototype.certify;
  const planted = vi.spyOn(Edition.prototype, 'certify');
  planted.mockImplementation(function (this: Edition, parts, at) {
    const certified = certify.call(this, parts, at);
    const isOf = parts[0]?.subAccount.account.accountId === accountId;
    if (!certified.ok || !isOf) return certified;
    const certificates = certified.certificates.map((each) => ({ ...each, x0: each.x0 + 1e6 }));
    return { ok: true, certificates };
  });
  onTestFinished(() => planted.mockRestore());
}

const writes =
  (sk: string) =>
  ({ command, input }: Call): boolean =>
    command === 'PutItem' &&
    JSON.stringify(input).includes(`"certificates"`) &&
    JSON.stringify(input).includes(`"${sk}"`);

/** The victim is healthy at first, and to be liquidated at the price that follows. */
async function openPlanted(
  prepare: (world: World) => Promise<void> = async () => undefined,
): Promise<{ world: World; warm: Warm }> {
  const world = await openCertified([...long('victim', '16000'), ...many(50)]);
  await prepare(world);
  plant('victim');
  const warm = new Warm(world, FIVE_MINUTES);
  await warm.check(1);
  expect(certificatesOf(await warm.check(5)).certified).toBe(51);
  return { world, warm };
}

/** @returns the number of the check that finds it */
async function checkUntilFound(world: World, warm: Warm): Promise<number> {
  for (let check = 2; check <= 2 + 12; check++) {
    const { unsound } = certificatesOf(await warm.check(5 * check, FALLEN));
    expect(await isSaidOf(world, 'victim')).toBe(unsound.length > 0);
    if (unsound.length === 0) continue;
    expect(unsound).toEqual(['victim']);
    return check;
  }
  throw new Error('it was not found within the hour');
}

it('is found within the hour, and its account has its decision at once', async () => {
  const { world, warm } = await openPlanted();
  await checkUntilFound(world, warm);
  expect(await isSaidOf(world, 'victim')).toBe(true);
});

it('makes every function read every account, until there is another version', async () => {
  const { world, warm } = await openPlanted();
  const found = await checkUntilFound(world, warm);
  const other = new Warm(world, FIVE_MINUTES);
  for (const [each, environment] of [warm, other, warm, other].entries()) {
    const summary = await environment.check(5 * (found + 1 + each), FALLEN);
    expect(certificatesOf(summary)).toMatchObject({ accounts: 51, certified: 0, allRead: OFF });
  }
});

it('is said by `margin status`, with its account', async () => {
  const { world, warm } = await openPlanted();
  await checkUntilFound(world, warm);
  const findings = certificateFindings(await readState(marginOf(world)), timeOf(0));
  expect(findings).toMatchObject([{ code: 'certificates-off', why: ['victim'] }]);
});

it('is said again until it is stored', async () => {
  const { world, warm } = await openPlanted();
  const isOff = writes('off');
  const refusing: Interceptor = (call, proceed) =>
    isOff(call) ? Promise.reject(throttled()) : proceed();
  warm.intercept = refusing;
  const found = await checkUntilFound(world, warm);
  expect(await readState(marginOf(world))).toEqual({});
  const next = certificatesOf(await warm.check(5 * (found + 1), FALLEN));
  expect(next.certified).toBe(0);
  warm.intercept = unharmed;
  expect(certificatesOf(await warm.check(5 * (found + 2), FALLEN)).allRead).toBe(OFF);
  const { off } = await readState(marginOf(world));
  expect(off).toEqual({ checkId: checkIdOf(5 * found), accounts: ['victim'] });
});

/** It has begun before, finds its changes while the finding is being stored, and stores its own later. */
it('stays known while another environment finds that changes were missed', async () => {
  let prepared: Warm | undefined;
  const { world, warm } = await openPlanted(async (opened) => {
    prepared = new Warm(opened, { ...FIVE_MINUTES, ...withoutCheckpoints(opened) });
    for (const minute of [0, 0.5]) await prepared.check(minute);
  });
  const other = prepared as Warm;
  const [isOff, isVoid] = [writes('off'), writes('void')];
  let isStored = false;
  warm.intercept = async (call, proceed) => {
    if (!isOff(call)) return proceed();
    vi.restoreAllMocks();
    await unrecorded(world, () => world.writeAccounts(many(50).map(richer)));
    other.intercept = async (later, proceedLater) => {
      if (isVoid(later)) await proceed();
      isStored ||= isVoid(later);
      return proceedLater();
    };
    await other.checkUntil(() => isStored, { from: 80, to: 90, every: 0.5 });
    return {};
  };
  await warm.checkUntil(() => isStored, { from: 10, to: 70, every: 5 });
  expect(isStored).toBe(true);
  const { off, voided } = await readState(marginOf(world));
  expect(off?.accounts).toEqual(['victim']);
  expect(voided).toBeDefined();
});
