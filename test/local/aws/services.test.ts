import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { PublishBatchCommand, PublishCommand } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TABLES } from '../../../lib/names.ts';
import { put, readAccountRows, remove, writeRows } from '../../../local/aws/rows.ts';
import { type Services, startServices } from '../../../local/aws/services.ts';
import { subscribeQueue } from '../../../local/aws/subscription.ts';

let services: Services;
beforeAll(async () => {
  services = await startServices({ checkIntervalSeconds: 300 });
});
afterAll(() => services.close());

describe('the embedded tables', () => {
  it('hold rows by the keys of their definition', async () => {
    const { dynamo, config } = services;
    const rows = Array.from({ length: 60 }, (_, index) => {
      return { accountId: 'a', item: `balance#${index}`, asset: 'USD', amount: `${index}.5` };
    });
    await writeRows(dynamo, { table: config.accountsTable, requests: rows.map(put) });
    const gone = rows.slice(0, 30).map(remove);
    await writeRows(dynamo, { table: config.accountsTable, requests: gone });
    const kept = await readAccountRows(dynamo, { table: config.accountsTable, accountId: 'a' });
    expect(kept).toHaveLength(30);
    expect(kept).toContainEqual(rows[59]);
  });

  it('find open cases through the sparse index', async () => {
    const { dynamo, config } = services;
    const { indexName, partitionKey } = TABLES.margin.sparseIndex;
    const row = (sk: string) => ({ pk: { S: 'account#a' }, sk: { S: sk } });
    const open = { ...row('case'), [partitionKey]: { S: 'open' } };
    const TableName = config.marginTable;
    await dynamo.send(new PutItemCommand({ TableName, Item: open }));
    await dynamo.send(new PutItemCommand({ TableName, Item: row('decision#1') }));
    const { Items } = await dynamo.send(
      new QueryCommand({
        TableName,
        IndexName: indexName,
        KeyConditionExpression: '#key = :open',
        ExpressionAttributeNames: { '#key': partitionKey },
        ExpressionAttributeValues: { ':open': { S: 'open' } },
      }),
    );
    expect(Items).toEqual([open]);
  });

  it('are in the configuration, together with the interval asked for', () => {
    expect(services.config).toMatchObject({ checkIntervalSeconds: 300, marginTable: 'margin' });
  });
});

describe('the embedded topics', () => {
  it('deliver to a queue its own text of a structured message', async () => {
    const TopicArn = services.config.alertsTopicArn;
    const alerts = await subscribeQueue(services, { topicArn: TopicArn, queueName: 'structured' });
    const structured = (text: string) => ({
      Message: JSON.stringify({ default: text, email: 'for people' }),
      MessageStructure: 'json',
    });
    await services.sns.send(new PublishCommand({ TopicArn, ...structured('one') }));
    const entries = ['two', 'three'].map((text) => ({ Id: text, ...structured(text) }));
    await services.sns.send(
      new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }),
    );
    expect(await alerts.drain()).toEqual(['one', 'two', 'three']);
    expect(await alerts.drain()).toEqual([]);
  });

  it('deliver the orders of one group in turn, and each deduplication id once', async () => {
    const TopicArn = services.config.ordersTopicArn;
    const orders = await subscribeQueue(services, { topicArn: TopicArn, queueName: 'all.fifo' });
    const texts = Array.from({ length: 25 }, (_, index) => `plan ${index}`);
    for (const Message of [...texts, 'plan 24']) {
      const MessageDeduplicationId = Message.replace(' ', '-');
      const ids = { MessageGroupId: 'account', MessageDeduplicationId };
      await services.sns.send(new PublishCommand({ TopicArn, Message, ...ids }));
    }
    expect(await orders.drain()).toEqual(texts);
  });
});
