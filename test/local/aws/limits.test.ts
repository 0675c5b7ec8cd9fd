/** Each limit of AWS: what is just within it is taken, and what is just beyond it is refused. */
import {
  type AttributeValue,
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import {
  PublishBatchCommand,
  type PublishBatchRequestEntry,
  PublishCommand,
  type PublishCommandInput,
} from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Services, startServices } from '../../../local/aws/services.ts';

let services: Services;
beforeAll(async () => {
  services = await startServices();
});
afterAll(() => services.close());

type Call = () => Promise<unknown>;

/** Name, the call within the limit, the call beyond it. */
type Limit = readonly [name: string, within: Call, beyond: Call];

const text = (S: string) => ({ S });
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

function expectLimits(limits: readonly Limit[], refusal: RegExp): void {
  it.each(limits)('%s', async (_name, within, beyond) => {
    await within();
    const error = await beyond().then(
      () => expect.fail('it was taken'),
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ $fault: 'client', name: expect.stringMatching(refusal) });
  });
}

describe('the embedded tables refuse what DynamoDB refuses', () => {
  const TableName = 'margin';
  const key = (pk: string, sk = 's') => ({ pk: text(pk), sk: text(sk) });
  const put = (item: Record<string, AttributeValue>) => () =>
    services.dynamo.send(new PutItemCommand({ TableName, Item: item }));
  const write = (items: readonly Record<string, AttributeValue>[]) => () => {
    const requests = items.map((Item) => ({ PutRequest: { Item } }));
    return services.dynamo.send(new BatchWriteItemCommand({ RequestItems: { margin: requests } }));
  };
  const get = (pk: string, sk?: string) => () =>
    services.dynamo.send(new GetItemCommand({ TableName, Key: key(pk, sk) }));
  const remove = (pk: string) => () =>
    services.dynamo.send(new DeleteItemCommand({ TableName, Key: key(pk) }));
  const getAll = (pks: readonly string[]) => () => {
    const Keys = pks.map((pk) => key(pk));
    return services.dynamo.send(new BatchGetItemCommand({ RequestItems: { margin: { Keys } } }));
  };
  const query =
    (pk: string, sk = 's') =>
    () =>
      services.dynamo.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: '#pk = :pk AND begins_with(sk, :sk)',
          ExpressionAttributeNames: { '#pk': 'pk' },
          ExpressionAttributeValues: { ':pk': text(pk), ':sk': text(sk) },
        }),
      );
  const conditional = (terms: number) => () =>
    services.dynamo.send(
      new PutItemCommand({
        TableName,
        Item: key(`c${terms}`),
        ConditionExpression: times(terms, () => 'attribute_not_exists(pk)').join(' AND '),
      }),
    );
  const nested = (depth: number): AttributeValue =>
    depth === 0 ? text('x') : { L: [nested(depth - 1)] };

  /** `pk`, `sk` and `a` with their names are 7 bytes. */
  const FULL = 400 * 1024 - 7;
  const Ж = (bytes: number) => 'ж'.repeat(bytes / 2);
  expectLimits(
    [
      [
        'an item over 400 KB',
        put({ ...key('p'), a: text('x'.repeat(FULL)) }),
        put({ ...key('p'), a: text('x'.repeat(FULL + 1)) }),
      ],
      [
        'an item over 400 KB by its bytes',
        put({ ...key('p'), a: text(Ж(FULL - 1)) }),
        put({ ...key('p'), a: text(Ж(FULL + 1)) }),
      ],
      [
        'such an item in a batch',
        write([{ ...key('p'), a: text(Ж(FULL - 1)) }]),
        write([{ ...key('p'), a: text(Ж(FULL + 1)) }]),
      ],
      [
        'an item of many small parts over 400 KB',
        put({ ...key('p'), a: { L: times(40_000, () => ({ M: { k: text('vv') } })) } }),
        put({ ...key('p'), a: { L: times(60_000, () => ({ M: { k: text('vv') } })) } }),
      ],
      ['a partition key over 2,048 bytes', put(key('x'.repeat(2048))), put(key('x'.repeat(2049)))],
      ['a partition key over 2,048 bytes of other scripts', put(key(Ж(2048))), put(key(Ж(2050)))],
      ['a sort key over 1,024 bytes', put(key('p', Ж(1024))), put(key('p', Ж(1026)))],
      ['a key over its bytes in a batch', write([key(Ж(2048))]), write([key(Ж(2050))])],
      ['a key over its bytes in a read', get(Ж(2048)), get(Ж(2050))],
      ['a sort key over its bytes in a read', get('p', Ж(1024)), get('p', Ж(1026))],
      ['a key over its bytes in a deletion', remove(Ж(2048)), remove(Ж(2050))],
      ['a key over its bytes in a query', query(Ж(2048)), query(Ж(2050))],
      ['a sort key over its bytes in a query', query('p', Ж(1024)), query('p', Ж(1026))],
      ['a key over its bytes among many', getAll(['p', Ж(2048)]), getAll(['p', Ж(2050)])],
      [
        'a key of an index over 2,048 bytes',
        put({ ...key('p'), openSubject: text(Ж(2048)) }),
        put({ ...key('p'), openSubject: text(Ж(2050)) }),
      ],
      ['an empty partition key', put(key(' ')), put(key(''))],
      ['an empty sort key', put(key('p', ' ')), put(key('p', ''))],
      ['an empty key in a query', query('p', ' '), query('p', '')],
      [
        'an empty key of an index',
        put({ ...key('p'), openSubject: text(' ') }),
        put({ ...key('p'), openSubject: text('') }),
      ],
      [
        'a number beyond 38 digits',
        put({ ...key('p'), a: { N: '1'.repeat(38) } }),
        put({ ...key('p'), a: { N: '1'.repeat(39) } }),
      ],
      [
        'such a number inside a map',
        put({ ...key('p'), a: { M: { b: { N: '1'.repeat(38) } } } }),
        put({ ...key('p'), a: { M: { b: { N: '1'.repeat(39) } } } }),
      ],
      [
        'a number beyond its range',
        put({ ...key('p'), a: { N: '9e125' } }),
        put({ ...key('p'), a: { N: '1e126' } }),
      ],
      [
        'more than 32 levels',
        put({ ...key('p'), a: nested(32) }),
        put({ ...key('p'), a: nested(33) }),
      ],
      [
        'an attribute without a name',
        put({ ...key('p'), b: text('x') }),
        put({ ...key('p'), '': text('x') }),
      ],
      [
        'more than 25 writes in a batch',
        write(times(25, (each) => key(`p${each}`))),
        write(times(26, (each) => key(`p${each}`))),
      ],
      ['one item twice in a batch', write([key('p'), key('q')]), write([key('p'), key('p')])],
      [
        'more than 100 reads in a batch',
        getAll(times(100, (each) => `p${each}`)),
        getAll(times(101, (each) => `p${each}`)),
      ],
      ['a condition over 4 KB', conditional(100), conditional(150)],
    ],
    /^ValidationException$/,
  );
});

describe('the embedded topics refuse what SNS refuses', () => {
  const publish = (input: Partial<PublishCommandInput>) => () => {
    const TopicArn = services.config.alertsTopicArn;
    return services.sns.send(new PublishCommand({ TopicArn, Message: 'm', ...input }));
  };
  const order = (input: Partial<PublishCommandInput>) => () => {
    const TopicArn = services.config.ordersTopicArn;
    const ids = { MessageGroupId: 'g', MessageDeduplicationId: 'd' };
    return services.sns.send(new PublishCommand({ TopicArn, Message: 'm', ...ids, ...input }));
  };
  const batch =
    (entries: readonly Partial<PublishBatchRequestEntry>[], isFifo = false) =>
    () => {
      const TopicArn = isFifo ? services.config.ordersTopicArn : services.config.alertsTopicArn;
      const PublishBatchRequestEntries = entries.map((entry, index) => {
        return { Id: String(index), Message: 'm', ...entry };
      });
      return services.sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    };
  const named = (name: string, StringValue = 'x', DataType = 'String') => ({
    MessageAttributes: { [name]: { DataType, StringValue } },
  });
  const attributes = (count: number) => ({
    MessageAttributes: Object.fromEntries(
      times(count, (each) => [`a${each}`, { DataType: 'String', StringValue: 'x' }]),
    ),
  });
  const structured = (texts: object) => ({
    MessageStructure: 'json',
    Message: JSON.stringify({ default: 'm', ...texts }),
  });
  const MOST = 262_144;
  /** Name, type and value of an attribute are 8 bytes. */
  const ids = { MessageGroupId: 'g', MessageDeduplicationId: 'd' };
  expectLimits(
    [
      [
        'a message over 262,144 bytes',
        publish({ Message: 'x'.repeat(MOST) }),
        publish({ Message: 'x'.repeat(MOST + 1) }),
      ],
      [
        'a message over 262,144 bytes of other scripts',
        publish({ Message: 'ж'.repeat(MOST / 2) }),
        publish({ Message: 'ж'.repeat(MOST / 2 + 1) }),
      ],
      [
        'a message that is over with its attributes',
        publish({ Message: 'x'.repeat(MOST - 8), ...named('a') }),
        publish({ Message: 'x'.repeat(MOST - 7), ...named('a') }),
      ],
      [
        'a message that is over with its texts for e-mail',
        publish(structured({ email: 'x'.repeat(MOST - 40) })),
        publish(structured({ email: 'x'.repeat(MOST) })),
      ],
      [
        'a batch over 262,144 bytes',
        batch([{ Message: 'x'.repeat(MOST - 1) }, {}]),
        batch([{ Message: 'x'.repeat(MOST) }, {}]),
      ],
      [
        'more than 10 messages in a batch',
        batch(times(10, () => ({}))),
        batch(times(11, () => ({}))),
      ],
      ['an empty batch', batch([{}]), batch([])],
      [
        'one id twice in a batch',
        batch([{ Id: 'a' }, { Id: 'b' }]),
        batch([{ Id: 'a' }, { Id: 'a' }]),
      ],
      ['an empty message', publish({ Message: ' ' }), publish({ Message: '' })],
      [
        'a structure that is no JSON',
        publish(structured({})),
        publish({ ...structured({}), Message: '{' }),
      ],
      [
        'a structure without a default',
        publish(structured({})),
        publish({ ...structured({}), Message: '{"email":"x"}' }),
      ],
      [
        'a subject of 100 characters',
        publish({ Subject: 'x'.repeat(99) }),
        publish({ Subject: 'x'.repeat(100) }),
      ],
      ['a subject that is not ASCII', publish({ Subject: '~ a' }), publish({ Subject: 'é' })],
      ['a subject with a line break', publish({ Subject: 'a b' }), publish({ Subject: 'a\nb' })],
      [
        'a subject that begins with a space',
        publish({ Subject: '[a]' }),
        publish({ Subject: ' a' }),
      ],
      ['an empty subject', publish({ Subject: 'a' }), publish({ Subject: '' })],
      ['a bad subject in a batch', batch([{ Subject: 'a' }]), batch([{}, { Subject: 'é' }])],
      ['more than 10 attributes', publish(attributes(10)), publish(attributes(11))],
      ['an attribute without a value', publish(named('a')), publish(named('a', ''))],
      [
        'an attribute name over 256 characters',
        publish(named('a'.repeat(256))),
        publish(named('a'.repeat(257))),
      ],
      ['an attribute name with a space', publish(named('a_b-c.d')), publish(named('a b'))],
      ['an attribute name with two periods', publish(named('a.b')), publish(named('a..b'))],
      ['an attribute name of AWS', publish(named('AWSx')), publish(named('AWS.x'))],
      [
        'an attribute of an unknown type',
        publish(named('a', 'x', 'String.Array')),
        publish(named('a', 'x', 'Text')),
      ],
      [
        'an attribute that is no number',
        publish(named('a', '1.5e3', 'Number')),
        publish(named('a', 'x', 'Number')),
      ],
      [
        'an attribute with control characters',
        publish(named('a', 'é\n')),
        publish(named('a', '\u0007')),
      ],
      ['an order without a group', order({}), order({ MessageGroupId: undefined })],
      [
        'an order without a deduplication id',
        order({}),
        order({ MessageDeduplicationId: undefined }),
      ],
      [
        'a group over 128 characters',
        order({ MessageGroupId: 'x'.repeat(128) }),
        order({ MessageGroupId: 'x'.repeat(129) }),
      ],
      [
        'a group that is not ASCII',
        order({ MessageGroupId: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~' }),
        order({ MessageGroupId: 'é' }),
      ],
      ['a group with a space', order({ MessageGroupId: 'ab' }), order({ MessageGroupId: 'a b' })],
      [
        'a deduplication id over 128 characters',
        order({ MessageDeduplicationId: 'x'.repeat(128) }),
        order({ MessageDeduplicationId: 'x'.repeat(129) }),
      ],
      [
        'a deduplication id that is not ASCII',
        order({ MessageDeduplicationId: 'a~1' }),
        order({ MessageDeduplicationId: 'é' }),
      ],
      [
        'a bad group in a batch',
        batch([ids], true),
        batch([{ ...ids, MessageGroupId: 'é' }], true),
      ],
      [
        'a deduplication id on a topic without order',
        publish({}),
        publish({ MessageDeduplicationId: 'x' }),
      ],
    ],
    /^(InvalidParameter|BatchRequestTooLong|TooManyEntries|EmptyBatch|BatchEntryIdsNotDistinct)/,
  );
});

describe('the embedded queues refuse what SQS refuses', () => {
  const queueUrl = async (name: string) => {
    const Attributes = name.endsWith('.fifo') ? { FifoQueue: 'true' } : undefined;
    const command = new CreateQueueCommand({ QueueName: name, Attributes });
    return (await services.sqs.send(command)).QueueUrl;
  };
  const send =
    (input: Partial<SendMessageCommandInput>, name = 'plain') =>
    async () => {
      const QueueUrl = await queueUrl(name);
      return services.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'b', ...input }));
    };
  const ids = { MessageGroupId: 'g', MessageDeduplicationId: 'd' };
  const inOrder = (input: Partial<SendMessageCommandInput>) => send({ ...ids, ...input }, 'q.fifo');
  const batch =
    (count: number, MessageGroupId = 'g') =>
    async () => {
      const QueueUrl = await queueUrl('b.fifo');
      const Entries = times(count, (each) => {
        return {
          Id: `${each}`,
          MessageBody: 'b',
          MessageGroupId,
          MessageDeduplicationId: `${each}`,
        };
      });
      return services.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    };
  const receive = (MaxNumberOfMessages: number) => async () => {
    const QueueUrl = await queueUrl('plain');
    return services.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages }));
  };
  const attributes = (count: number) => ({
    MessageAttributes: Object.fromEntries(
      times(count, (each) => [`a${each}`, { DataType: 'String', StringValue: 'x' }]),
    ),
  });
  expectLimits(
    [
      ['an empty message', send({ MessageBody: ' ' }), send({ MessageBody: '' })],
      [
        'a message with control characters',
        send({ MessageBody: '\t' }),
        send({ MessageBody: '\u0007' }),
      ],
      ['more than 10 attributes', send(attributes(10)), send(attributes(11))],
      [
        'a group over 128 characters',
        inOrder({ MessageGroupId: 'x'.repeat(128) }),
        inOrder({ MessageGroupId: 'x'.repeat(129) }),
      ],
      ['a group that is not ASCII', inOrder({}), inOrder({ MessageGroupId: 'é' })],
      [
        'a deduplication id that is not ASCII',
        inOrder({}),
        inOrder({ MessageDeduplicationId: 'é' }),
      ],
      ['a bad group in a batch', batch(1), batch(1, 'é')],
      ['more than 10 messages in a batch', batch(10), batch(11)],
      ['more than 10 messages at once', receive(10), receive(11)],
      [
        'a queue name over 80 characters',
        () => queueUrl('a'.repeat(80)),
        () => queueUrl('a'.repeat(81)),
      ],
      ['a queue name with a space', () => queueUrl('a-b_c'), () => queueUrl('a b')],
    ],
    /(InvalidParameterValue|MissingParameter|InvalidMessageContents|TooManyEntriesInBatchRequest)/,
  );
});
