/**
 * The formats of alerts as a library, `margin-checker/formats`: from a message, as a queue on the
 * alerts topic holds it, to the JSON of a receiver. Pure: they send nothing.
 */
export { type ChatbotNotification, chatbotNotification } from '../../lambda/formats/chatbot.ts';
export {
  isForPagerDuty,
  type PagerDutyEvent,
  pagerDutyAcknowledgement,
  pagerDutyEvent,
} from '../../lambda/formats/pagerduty.ts';
export { type SlackMessage, slackMessage } from '../../lambda/formats/slack.ts';
export { type TeamsMessage, teamsMessage } from '../../lambda/formats/teams.ts';
export type { Message } from '../../lambda/messages/messages.ts';
export type { Origin } from '../../lambda/messages/origin.ts';
