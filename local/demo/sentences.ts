/** What the demo says before and after a run, from the run's own figures. */
import { toned } from '../cli/colour.ts';
import { wrapped } from '../cli/table.ts';
import { count, counted, dollars, duration, percent, whole } from '../report/figures.ts';
import type { Verdict } from '../report/report.ts';
import { BTC_HOURS, MINUTE_SECONDS, MINUTES_OF_HOUR, timeText } from './black-thursday.ts';
import type { DemoOptions } from './options.ts';
import type { ToldDay } from './report/day.ts';
import type { DemoResult } from './result.ts';

/** One sentence, before the run. */
export function openingSentence(options: DemoOptions): string {
  const { accounts, fromMinute, untilMinute } = options;
  const hours = BTC_HOURS.slice(fromMinute / MINUTES_OF_HOUR, untilMinute / MINUTES_OF_HOUR);
  const open = hours[0]?.open ?? 0;
  const low = Math.min(...hours.map((hour) => hour.low));
  const until = timeText(untilMinute).slice(-'00:00'.length);
  return wrapped(
    `You will see ${count(accounts)} synthetic accounts live through ${timeText(fromMinute)} to ${until} UTC, when ` +
      `Bitcoin went from ${whole(open)} to as low as ${dollars(low)}: ${checksText(options)} by the real ` +
      'handler, all on this machine.',
  );
}

function checksText({ intervalSeconds: seconds, hasEvents }: DemoOptions): string {
  const scheduled =
    seconds === MINUTE_SECONDS ? 'one check a minute' : `a check every ${duration(seconds)}`;
  return hasEvents ? `${scheduled}, and one at each event,` : scheduled;
}

export const verdictOf = (result: DemoResult): Verdict => {
  const { tone, text } = costOf(result);
  const { accounts } = result.liquidations;
  return {
    tone,
    text: `${counted(accounts, 'account was', 'accounts were')} liquidated and ${text}`,
  };
};

/** What the liquidations left, and who paid for it: a sentence without its subject. */
function costOf({ deficits, impact }: DemoResult): Verdict {
  const debt = Number(impact.badDebt);
  if (debt === 0) return { tone: 'good', text: 'left no bad debt: everybody paid what they owed.' };
  const { paidByFund, sharedByOthers, borneByVenue } = deficits;
  const borne = Number(borneByVenue);
  const open = Math.round(debt - Number(paidByFund) - Number(sharedByOthers) - borne);
  const payers = [
    `the insurance fund paid ${dollars(paidByFund)}`,
    `other accounts ${dollars(sharedByOthers)}`,
    `the venue ${dollars(borne)}`,
    ...(open > 0 ? [`${dollars(open)} is not paid yet`] : []),
  ];
  const text = `left ${dollars(debt)} of bad debt: ${payers.slice(0, -1).join(', ')} and ${payers.at(-1)}.`;
  return { tone: borne > 0 || open > 0 ? 'bad' : 'caution', text };
}

/** What happened, what it cost, and why it matters. */
export function closingSentences(result: DemoResult, { breaches }: ToldDay): string {
  const { tone, text } = costOf(result);
  const cost = toned(tone, wrapped(`The liquidations ${text}`));
  return [wrapped(happened(result)), cost, wrapped(matters(result, breaches))].join('\n\n');
}

function happened({ run, calls, liquidations, impact, hours }: DemoResult): string {
  const lowest =
    impact.lowestBitcoin === null ? '' : ` while Bitcoin fell to ${dollars(impact.lowestBitcoin)}`;
  const withheld = hours.reduce((sum, hour) => sum + hour.withheld, 0);
  return (
    `Of ${counted(run.accounts, 'account')}, ${count(liquidations.accounts)} were liquidated in ` +
    `${counted(liquidations.plans, 'order plan')}${lowest}; ${counted(calls.issued, 'margin call')} went out, and ` +
    `${counted(withheld, 'liquidation was', 'liquidations were')} held back because a price was in doubt or a market full.`
  );
}

function matters({ replays, run }: DemoResult, breaches: ToldDay['breaches']): string {
  const same =
    `${count(replays.identical)} of ${counted(replays.decisions, 'decision')} came out the same ` +
    'again from their own records';
  if (breaches.length === 0) return `No account broke its line between two checks, and ${same}.`;
  const covered = breaches.filter((each) => each.overshootUsd <= each.bufferUsd).length;
  return (
    `This is what ${gapText(run)} costs: ${counted(breaches.length, 'breach', 'breaches')} happened between two ` +
    `checks, the latency buffer covered ${count(covered)} (${percent(covered / breaches.length)}), and ${same}.`
  );
}

function gapText({ intervalSeconds, hasEvents }: DemoResult['run']): string {
  const interval = intervalSeconds === MINUTE_SECONDS ? 'a minute' : duration(intervalSeconds);
  return hasEvents
    ? `the time between two looks, ${interval} or an event apart,`
    : `${interval} without a look`;
}
