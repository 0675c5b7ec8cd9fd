/**
 * `node local/docs/notices-page.ts [file]` shows alerts as Slack and PagerDuty get them, in one HTML
 * page: a sketch to look at, with the real texts, and not what those receivers draw.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PagerDutyEvent } from '../../lambda/formats/pagerduty.ts';
import type { Message } from '../../lambda/messages/messages.ts';
import { pagerDutyEvent, type SlackMessage, slackMessage } from '../analysis/formats.ts';

const ORIGIN = {
  stack: 'MarginChecker',
  region: 'eu-west-1',
  mode: 'enforce',
  runbook: 'https://wiki.example.com/runbook.md',
} as const;
const KEY = '0'.repeat(32);

const HEADER = {
  version: 1,
  severity: 'critical',
  checkId: '2020-03-12T11:00:00.000Z',
  asOf: '2020-03-12T11:00:01.250Z',
} as const;

const MESSAGES: readonly Message[] = [
  {
    type: 'check.failed',
    id: 'check/2020-03-12T11:00:00.000Z/check.failed',
    ...HEADER,
    extent: 'whole',
    since: '2020-03-12T10:41:00.250Z',
    error: 'PolicyError',
    detail: 'market policy/default: mode must be observe or enforce, not dry-run',
  },
  {
    type: 'fund.drawn',
    id: 'alice@2020-03-12T10:58:00.000Z/claim#1/fund.drawn',
    ...HEADER,
    accountId: 'alice',
    caseId: 'alice@2020-03-12T10:58:00.000Z',
    claimId: 'alice@2020-03-12T10:58:00.000Z/claim#1',
    numeraire: 'USD',
    shortfall: '12500.00',
    drawn: '10000.00',
    socialized: '0.00',
    uncovered: '2500.00',
    fundBalance: '0.00',
  },
];

/** Slack's texts are escaped already, for the same three characters. */
function slackCard({ blocks }: SlackMessage): string {
  const parts = blocks.map((block) => {
    if ('fields' in block) {
      const cells = block.fields.map(({ text }) => `<td>${text.replace('\n', '<br>')}</td>`);
      return `<table><tr>${cells.join('')}</tr></table>`;
    }
    if ('elements' in block) {
      const texts = block.elements.map(({ type, text }) => (type === 'mrkdwn' ? 'runbook' : text));
      return `<small>${texts.join(' · ')}</small>`;
    }
    return block.type === 'header' ? `<h3>${block.text.text}</h3>` : `<p>${block.text.text}</p>`;
  });
  return `<section><h2>Slack</h2>${parts.join('\n')}</section>`;
}

const pagerDutyCard = (event: PagerDutyEvent): string =>
  `<section><h2>PagerDuty: ${event.event_action}</h2><pre>${escaped(JSON.stringify(event, null, 2))}</pre></section>`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const STYLE =
  'body{font:15px system-ui;max-width:52rem;margin:2rem auto}section{border:1px solid #ccc;' +
  'border-radius:6px;padding:0 1rem 1rem;margin:1rem 0}td{padding:.2rem .8rem .2rem 0;' +
  'vertical-align:top}pre{white-space:pre-wrap}';

const cards = MESSAGES.flatMap((message) => [
  slackCard(slackMessage(message, ORIGIN)),
  pagerDutyCard(pagerDutyEvent(message, ORIGIN, KEY)),
]);
const file = process.argv[2] ?? join(tmpdir(), 'margin-checker-notices.html');
const page = `<!doctype html><meta charset="utf-8"><title>Notices</title><style>${STYLE}</style>`;
writeFileSync(file, `${page}${cards.join('\n')}`);
console.log(file);
