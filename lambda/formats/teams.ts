/**
 * A message for a Workflows webhook of Microsoft Teams: one Adaptive Card. All that others wrote
 * goes into text runs, which know no Markdown, and there are no entities, so that nothing mentions
 * anybody.
 */
import type { Message, Severity } from '../messages/messages.ts';
import type { Origin } from '../messages/origin.ts';
import { isAddress, noticeOf } from './notice.ts';

interface TextRun {
  readonly type: 'TextRun';
  readonly text: string;
  readonly weight?: 'Bolder';
  readonly size?: 'Large';
  readonly color?: Color;
  readonly fontType?: 'Monospace';
  readonly isSubtle?: true;
}

type Color = 'Attention' | 'Warning' | 'Default';

interface RichText {
  readonly type: 'RichTextBlock';
  readonly inlines: readonly TextRun[];
}

export interface TeamsMessage {
  readonly type: 'message';
  readonly attachments: readonly [
    {
      readonly contentType: 'application/vnd.microsoft.card.adaptive';
      readonly contentUrl: null;
      readonly content: {
        readonly $schema: string;
        readonly type: 'AdaptiveCard';
        readonly version: '1.4';
        readonly msteams: { readonly width: 'Full' };
        readonly fallbackText: string;
        readonly body: readonly RichText[];
        readonly actions: readonly {
          readonly type: 'Action.OpenUrl';
          readonly title: string;
          readonly url: string;
        }[];
      };
    },
  ];
}

const COLORS: Readonly<Record<Severity, Color>> = {
  critical: 'Attention',
  warning: 'Warning',
  info: 'Default',
};

export function teamsMessage(message: Message, origin: Origin): TeamsMessage {
  const { severity, title, advice, facts, command, runbook, sender } = noticeOf(message, origin);
  const heading = `[${severity}] ${title}`;
  const isLinked = isAddress(runbook);
  const end = `${sender}, check ${message.checkId}${isLinked ? '' : `, ${runbook}`}`;
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          fallbackText: heading,
          body: [
            rich({ text: heading, weight: 'Bolder', size: 'Large', color: COLORS[severity] }),
            rich({ text: advice }),
            ...facts.map(([name, value]) =>
              rich({ text: `${name}: `, weight: 'Bolder' }, { text: value }),
            ),
            rich({ text: command, fontType: 'Monospace' }),
            rich({ text: end, isSubtle: true }),
          ],
          actions: isLinked ? [{ type: 'Action.OpenUrl', title: 'runbook', url: runbook }] : [],
        },
      },
    ],
  };
}

const rich = (...runs: readonly Omit<TextRun, 'type'>[]): RichText => ({
  type: 'RichTextBlock',
  inlines: runs.map((run) => ({ type: 'TextRun', ...run })),
});
