/**
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html and API_PublishBatch.html,
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html,
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
import type { Fault } from './limits.ts';

const MESSAGE_BYTES_MAX = 262_144;
/** SQS takes no more, so a message with more is lost on its way to a queue with raw delivery. */
const ATTRIBUTES_MAX = 10;
const ATTRIBUTE_NAME_LENGTH_MAX = 256;
const QUEUE_NAME_LENGTH_MAX = 80;

interface Attribute {
  readonly DataType?: string | undefined;
  readonly StringValue?: string | undefined;
  readonly BinaryValue?: Uint8Array | undefined;
}

/** A message to a topic or a queue. */
interface Sent {
  readonly Message?: string | undefined;
  readonly MessageBody?: string | undefined;
  readonly MessageStructure?: string | undefined;
  readonly Subject?: string | undefined;
  readonly MessageGroupId?: string | undefined;
  readonly MessageDeduplicationId?: string | undefined;
  readonly MessageAttributes?: Readonly<Record<string, Attribute>> | undefined;
}

interface Publication extends Sent {
  readonly TopicArn?: string | undefined;
  readonly PublishBatchRequestEntries?: readonly Sent[] | undefined;
}

interface Sending extends Sent {
  readonly QueueName?: string | undefined;
  /** Also the entries of a deletion, which have none of these attributes. */
  readonly Entries?: readonly Sent[] | undefined;
}

/** One bad entry makes SNS refuse the batch. */
export function publishFault(input: Publication): Fault | undefined {
  const { PublishBatchRequestEntries: entries, TopicArn = '' } = input;
  const sent = entries ?? [input];
  const message = sent.flatMap((each) => [...publicationFaults(each, TopicArn)])[0];
  if (message !== undefined)
    return { name: 'InvalidParameter', message: `Invalid parameter: ${message}` };
  if (sent.reduce((sum, each) => sum + sizeOf(each), 0) <= MESSAGE_BYTES_MAX) return undefined;
  const tooLong = 'The length of all the messages put together is more than the limit.';
  return { name: 'BatchRequestTooLong', message: tooLong };
}

function* publicationFaults(sent: Sent, topicArn: string): Generator<string> {
  const { Message = '', MessageStructure, Subject, MessageDeduplicationId } = sent;
  if (sizeOf(sent) > MESSAGE_BYTES_MAX) yield 'Message too long';
  if (MessageStructure === 'json' && !hasDefault(Message)) {
    yield 'Message Structure - No default entry in JSON message body';
  }
  if (Subject !== undefined && !SUBJECT.test(Subject)) yield 'Subject';
  if (MessageDeduplicationId !== undefined && !topicArn.endsWith('.fifo')) {
    yield 'MessageDeduplicationId is not valid for this topic type';
  }
  yield* idFaults(sent);
  yield* attributeFaults(sent);
}

export function queueFault(input: Sending): Fault | undefined {
  const { Entries = [], QueueName } = input;
  const faults = [input, ...Entries].flatMap((each) => [
    ...idFaults(each),
    ...attributeFaults(each),
  ]);
  if (QueueName !== undefined && !isQueueName(QueueName)) {
    faults.unshift(
      'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length',
    );
  }
  const [message] = faults;
  return message === undefined ? undefined : { name: 'InvalidParameterValue', message };
}

const isQueueName = (name: string): boolean =>
  name.length <= QUEUE_NAME_LENGTH_MAX && /^[A-Za-z0-9_-]+(\.fifo)?$/.test(name);

/** ASCII without control characters, fewer than 100, and no space first. */
const SUBJECT = /^[\x21-\x7e][\x20-\x7e]{0,98}$/;

const FIFO_ID = /^[\x21-\x7e]{1,128}$/;

function* idFaults({ MessageGroupId, MessageDeduplicationId }: Sent): Generator<string> {
  const allowed = 'can only include alphanumeric and punctuation characters. 1 to 128 in length';
  if (!FIFO_ID.test(MessageGroupId ?? 'x')) yield `MessageGroupId ${allowed}`;
  if (!FIFO_ID.test(MessageDeduplicationId ?? 'x')) yield `MessageDeduplicationId ${allowed}`;
}

/** All but tab, line feed, carriage return, and what no XML document may have. */
const UNFIT = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/u;

const ATTRIBUTE_NAME = /^(?!(aws|amazon)\.)[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/i;
const DATA_TYPE = /^(String|Number|Binary)(\.\w+)*$/;

function attributeFaults({ MessageAttributes = {} }: Sent): string[] {
  const attributes = Object.entries(MessageAttributes);
  const faults = attributes.flatMap(([name, attribute]) => [...faultsOf(name, attribute)]);
  const isTooMany = attributes.length > ATTRIBUTES_MAX;
  return isTooMany ? [`more than ${ATTRIBUTES_MAX} message attributes`, ...faults] : faults;
}

function* faultsOf(name: string, attribute: Attribute): Generator<string> {
  const { DataType = '', StringValue: text = '', BinaryValue } = attribute;
  const what = `The message attribute '${name.slice(0, 40)}'`;
  const isNamed = name.length <= ATTRIBUTE_NAME_LENGTH_MAX && ATTRIBUTE_NAME.test(name);
  if (!isNamed) yield `${what} has a name that is not valid`;
  if (!DATA_TYPE.test(DataType)) yield `${what} has an invalid type`;
  if (text === '' && !BinaryValue?.byteLength) yield `${what} must contain a non-empty value`;
  if (UNFIT.test(text)) yield `${what} has characters that are not valid in XML`;
  if (DataType.startsWith('Number') && Number.isNaN(Number(text))) yield `${what} is no number`;
}

function hasDefault(text: string): boolean {
  try {
    return typeof JSON.parse(text)?.default === 'string';
  } catch {
    return false;
  }
}

/** A message counts with the names, types and values of its attributes. */
function sizeOf({ Message = '', MessageAttributes = {} }: Sent): number {
  const bytes = (text = '') => Buffer.byteLength(text);
  const sizes = Object.entries(MessageAttributes).map(
    ([name, { DataType, StringValue, BinaryValue }]) =>
      bytes(name) + bytes(DataType) + bytes(StringValue) + (BinaryValue?.byteLength ?? 0),
  );
  return sizes.reduce((sum, size) => sum + size, bytes(Message));
}
