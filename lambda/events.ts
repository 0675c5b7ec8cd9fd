/** The Lambda function that reads the streams of the tables, and asks for event checks. */
import { createDynamo } from './aws/clients.ts';
import { EventQueue } from './aws/event-queue.ts';
import { MarginTable } from './aws/margin-table.ts';
import { createSlotClient } from './aws/slot-queue.ts';
import { readEventsConfig } from './config.ts';
import { type EventsDependencies, putEvent } from './events/put-event.ts';

let deployed: EventsDependencies | undefined;

/** The entry point for AWS, with records of one of the streams. */
export const handler = async (event: unknown): Promise<void> => {
  deployed ??= deploy();
  await putEvent(event, deployed);
};

function deploy(): EventsDependencies {
  const { marginTable: table, eventQueueUrl: url } = readEventsConfig();
  return {
    margin: new MarginTable({ dynamo: createDynamo(), table }),
    queue: new EventQueue({ sqs: createSlotClient(), url }),
    now: Date.now,
  };
}
