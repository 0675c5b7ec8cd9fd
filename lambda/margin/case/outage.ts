/**
 * Grace (`outageGrace: moved`): the owner of an account can neither see nor cure a call while no
 * check is made, or while the account cannot be assessed for want of a price. So the deadline of an
 * open call moves by the length of such an outage, once it is over:
 *
 *     checks  from the last completed check, or the call's last message if that is later, to the
 *             first check that decides about the account; only if longer than two intervals, and
 *             once for each time without a completed check
 *     feed    from the first check that cannot assess the account for want of a price to the first
 *             one that can
 *
 * An outage of both counts once, from the earlier beginning.
 */
import { type CheckOutage, isOutage } from '../market/outage.ts';
import type { Policy } from '../market/policy.ts';
import type { Reason } from '../number/reason.ts';
import type { OpenCase, SentCall } from './case.ts';

interface At {
  readonly asOf: number;
  readonly policy: Policy;
  /** Absent: the last check was completed in time. */
  readonly outage?: CheckOutage | undefined;
}

/** The call with its deadline moved, if an outage is over with this check. */
export function afterOutage(call: SentCall, at: At): SentCall {
  const began = outageBegan(call, at);
  if (began === undefined || call.isExpired) return call;
  const { outageSince: _, ...rest } = call;
  return { ...rest, deadline: call.deadline + at.asOf - began, movedAt: at.asOf };
}

/**
 * The case of an account about which this check decides nothing.
 * @param isFeedOut whether it lacks a price
 */
export function duringOutage(
  open: OpenCase | undefined,
  at: At,
  isFeedOut: boolean,
): OpenCase | undefined {
  if (open?.call === undefined || open.call.isExpired) return open;
  const outageSince = outageBegan(open.call, at) ?? (isFeedOut ? at.asOf : undefined);
  const isGraced = at.policy.outageGrace === 'moved' && outageSince !== undefined;
  if (!isGraced || outageSince === open.call.outageSince) return open;
  return { ...open, call: { ...open.call, outageSince } };
}

function outageBegan(call: SentCall, { asOf, policy, outage }: At): number | undefined {
  if (policy.outageGrace === 'none') return undefined;
  const { sentAt, movedAt, outageSince } = call;
  if (outage === undefined || (movedAt ?? outage.since) > outage.since) return outageSince;
  const ofChecks = { ...outage, since: Math.max(outage.since, sentAt) };
  if (!isOutage(ofChecks, asOf)) return outageSince;
  return Math.min(ofChecks.since, outageSince ?? ofChecks.since);
}

/** Whether a feed has no usable price; its quote may be a malformed row. */
export const isWantOfPrice = (reasons: readonly Reason[]): boolean =>
  reasons.some(
    ({ code, subject }) =>
      code.startsWith('price-') ||
      code.startsWith('sources-') ||
      (code === 'row-malformed' && subject.startsWith('market quote/')),
  );
