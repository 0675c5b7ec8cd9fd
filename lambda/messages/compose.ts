/** Messages about an account. Amounts are rounded only here. */
import type { BookFigures, FactorDetail, Outcome } from '../margin/assess/assess.ts';
import type { CaseEvent } from '../margin/case/case.ts';
import type { Range } from '../margin/curve/figure.ts';
import type { Opened, Plan } from '../margin/liquidation/order-plan.ts';
import type { Policy } from '../margin/market/policy.ts';
import {
  type Amount,
  type Price,
  type Ratio,
  roundDown,
  roundUp,
  textOf,
  textOfPlaces,
} from '../margin/number/decimal.ts';
import { isPriceInDoubt, type ReasonCode } from '../margin/number/reason.ts';
import type { PortfolioPart } from '../margin/portfolio/portfolio-part.ts';
import { byWeight } from './by-weight.ts';
import { fitted } from './fitted.ts';
import { isoTime, messageHeader } from './header.ts';
import { type AccountMessage, type Figures, SEVERITIES, type Severity } from './messages.ts';
import { rangeText, renderGreeks, renderPrice } from './render-figures.ts';
import { scenarioLabel } from './scenario-label.ts';

export interface ComposeInput {
  readonly event: CaseEvent;
  readonly outcome: Outcome;
  readonly accountId: string;
  /** Absent for the cross book. */
  readonly position?: string | undefined;
  readonly checkId: string;
  readonly asOf: number;
  readonly policy: Policy;
}

/** `<account>`, or `<account>#<isolated position>`. */
export const subAccountName = (accountId: string, position: string | undefined): string =>
  position === undefined ? accountId : `${accountId}#${position}`;

export const composeMessage = (input: ComposeInput): AccountMessage => fitted(composed(input));

function composed(input: ComposeInput): AccountMessage {
  const { event, outcome, accountId, position, checkId, asOf, policy } = input;
  const { type, caseId } = event;
  const header = {
    ...messageHeader(type, `${subAccountName(accountId, position)}/${checkId}`, { checkId, asOf }),
    severity: severityOf(event, outcome),
    accountId,
    ...(position === undefined ? {} : { position }),
    ...(caseId === undefined ? {} : { caseId }),
  } as const;
  if (event.type === 'account.indeterminate') {
    const figures = outcome.certainty === 'indeterminate' ? outcome.figures : undefined;
    return {
      type: event.type,
      ...header,
      certainty: 'indeterminate',
      reasons: [...event.reasons],
      ...(figures && { figures: figuresOf(figures, policy) }),
    };
  }
  if (outcome.certainty === 'indeterminate') {
    throw new Error(`${header.id}: an indeterminate account has no figures to send`);
  }
  const assessed = {
    ...header,
    // A plan goes out only where no price within doubt and uncertainty speaks against it.
    certainty: event.type === 'liquidation.ordered' ? ('certain' as const) : outcome.certainty,
    figures: { level: outcome.level, ...figuresOf(outcome, policy) },
  };
  return composeAssessed(event, assessed, policy);
}

/** A plan that is withheld only for these is expected soon. */
const PASSING: readonly ReasonCode[] = ['price-uncertain', 'rows-changing'];

/**
 * The type's severity, except: an indeterminate account with an open case is critical, and one that
 * the message of a feed covers is info; a
 * liquidation withheld only for uncertain prices or for rows in the middle of a change is a warning.
 */
function severityOf(event: CaseEvent, outcome: Outcome): Severity {
  if (event.type === 'account.indeterminate') {
    if (event.caseId !== undefined) return 'critical';
    if (isToldByFeeds(outcome)) return 'info';
  }
  const isUndecided =
    event.type === 'liquidation.withheld' &&
    event.reasons.every(({ code }) => PASSING.includes(code));
  return isUndecided ? 'warning' : SEVERITIES[event.type];
}

/** Its rows can be read, and the messages of the feeds in doubt count it. */
const isToldByFeeds = (outcome: Outcome): boolean =>
  outcome.certainty === 'indeterminate' &&
  outcome.figures !== undefined &&
  outcome.reasons.length > 0 &&
  outcome.reasons.every(isPriceInDoubt);

type Assessed = Omit<Extract<AccountMessage, { type: 'margin-call.cured' }>, 'type'>;

function composeAssessed(
  event: Exclude<CaseEvent, { type: 'account.indeterminate' }>,
  assessed: Assessed,
  { amountPlaces }: Policy,
): AccountMessage {
  switch (event.type) {
    case 'margin-call.issued':
      return { type: event.type, ...assessed, ...callOf(event, amountPlaces) };
    case 'margin-call.updated': {
      const { type, previousDeadline: at } = event;
      const previous = at === undefined ? {} : { previousDeadline: isoTime(at) };
      return { type, ...assessed, ...callOf(event, amountPlaces), ...previous };
    }
    case 'margin-call.expired': {
      const { type, consequence, nextDeadline } = event;
      const next = nextDeadline === undefined ? {} : { nextDeadline: isoTime(nextDeadline) };
      return { type, ...assessed, ...callOf(event, amountPlaces), consequence, ...next };
    }
    case 'liquidation.ordered': {
      const { type, planId, generation, supersedes, isObserved } = event;
      return {
        type,
        ...assessed,
        planId,
        generation,
        ...(supersedes === undefined ? {} : { supersedes }),
        expiresAt: isoTime(event.expiresAt),
        isObserved,
        plan: planOf(event.plan, amountPlaces),
      };
    }
    case 'liquidation.withheld':
      return { type: event.type, ...assessed, reasons: [...event.reasons] };
    case 'deficit.detected':
      return {
        type: event.type,
        ...assessed,
        shortfall: textOfPlaces(event.shortfall, amountPlaces),
      };
    default:
      return { type: event.type, ...assessed };
  }
}

interface Call {
  readonly amountDue: Amount;
  readonly deadline: number;
}

const callOf = (event: Call, amountPlaces: number) => ({
  amountDue: textOfPlaces(event.amountDue, amountPlaces),
  deadline: isoTime(event.deadline),
});

function planOf({ orders, carriedOver, swaps = [], ...plan }: Plan, amountPlaces: number) {
  const notionalOf = (notional: Amount) =>
    textOfPlaces(roundDown(notional, amountPlaces), amountPlaces);
  return {
    scope: plan.scope,
    why: plan.why,
    cancelOpenOrders: [...plan.cancelOpenOrders],
    orders: orders.map(({ kind, market, side, quantity, notional, ...order }) => ({
      kind,
      market,
      side,
      quantity: textOf(quantity),
      referencePrice: textOf(order.referencePrice),
      notional: notionalOf(notional),
      ...textUnlessAbsent('limitPrice', order.limitPrice),
      ...textUnlessAbsent('bankruptcyPrice', order.bankruptcyPrice),
      ...textUnlessAbsent('liquidationFee', order.liquidationFee),
      ...textUnlessAbsent('liquidatorFee', order.liquidatorFee),
      ...(order.taker && { taker: order.taker }),
    })),
    ...unlessEmpty(
      'swaps',
      swaps.map((swap) => ({
        collateral: swap.collateral,
        seized: textOf(swap.seized),
        collateralPrice: textOf(swap.collateralPrice),
        loan: swap.loan,
        repaid: textOf(swap.repaid),
        loanPrice: textOf(swap.loanPrice),
        bonus: textOf(swap.bonus),
        value: notionalOf(swap.value),
      })),
    ),
    ...(plan.opened && { opened: openedOf(plan.opened) }),
    ...unlessEmpty(
      'carriedOver',
      carriedOver.map((each) => ({ ...each, notional: notionalOf(each.notional) })),
    ),
  };
}

const openedOf = ({ since, milliseconds, share, of }: Opened) => ({
  since: isoTime(since),
  seconds: milliseconds / 1000,
  ...(share && of ? { share: textOf(share), of } : {}),
});

const textUnlessAbsent = <K extends string>(name: K, measure: Price | Ratio | undefined) =>
  (measure === undefined ? {} : { [name]: textOf(measure) }) as { readonly [_ in K]?: string };

function figuresOf(assessment: BookFigures, policy: Policy): Omit<Figures, 'level'> {
  const places = policy.amountPlaces;
  const up = (amount: Amount) => textOfPlaces(roundUp(amount, places), places);
  const down = (amount: Amount) => textOfPlaces(roundDown(amount, places), places);
  const range = (figure: Range) => rangeText(figure, down);
  const { lines, surplus } = assessment;
  const { factors, prices } = byWeight(assessment);
  return {
    numeraire: policy.numeraire,
    equity: range(assessment.equity),
    marginBalance: range(assessment.marginBalance),
    initialRequirement: up(assessment.initialRequirement),
    maintenanceRequirement: up(assessment.maintenanceRequirement),
    latencyBuffer: up(assessment.latencyBuffer),
    liquidationLine: up(lines.liquidation),
    callLine: up(lines.call),
    restoreLine: up(lines.restore),
    liquidationSurplus: range(surplus.liquidation),
    callSurplus: range(surplus.call),
    prices: prices.map(renderPrice),
    ...unlessEmpty('greeks', factors.flatMap(greeksOf)),
    ...unlessEmpty(
      'worstScenarios',
      factors.flatMap(({ factor, scans }) =>
        scans.map((part) => ({ factor, ...worstOf(part, down) })),
      ),
    ),
    ...unlessEmpty('notes', [...assessment.notes]),
  };
}

const unlessEmpty = <K extends string, T>(name: K, list: T[]): { readonly [_ in K]?: T[] } =>
  (list.length === 0 ? {} : { [name]: list }) as { readonly [_ in K]?: T[] };

const greeksOf = ({ factor, greeks }: FactorDetail) =>
  greeks === undefined ? [] : [{ factor, ...renderGreeks(greeks) }];

function worstOf(part: PortfolioPart, down: (amount: Amount) => string) {
  const { row, profit, filling } = part.worst();
  return {
    riskClass: part.ofClass.riskClass.riskClass,
    scenario: scenarioLabel(row.scenario),
    profit: down(profit),
    ...(part.fillings.length === 1 ? {} : { filling }),
  };
}
