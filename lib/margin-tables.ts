import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { TABLES, type TableDefinition } from './names.ts';

/**
 * The three tables. They hold what people own and the evidence of what was decided about it, so
 * neither a `cdk destroy` nor a slip in the console removes them, and any second of the last 35
 * days can be restored.
 */
export class MarginTables extends Construct {
  readonly accounts = this.#durableTable('Accounts', TABLES.accounts);
  readonly market = this.#durableTable('Market', TABLES.market);
  readonly margin = this.#durableTable('Margin', TABLES.margin);

  #durableTable(id: string, definition: TableDefinition): Table {
    const { partitionKey, sortKey, timeToLiveAttribute, sparseIndex } = definition;
    const table = new Table(this, id, {
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      sortKey: { name: sortKey, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
      ...(timeToLiveAttribute && { timeToLiveAttribute }),
    });
    if (sparseIndex) {
      table.addGlobalSecondaryIndex({
        indexName: sparseIndex.indexName,
        partitionKey: { name: sparseIndex.partitionKey, type: AttributeType.STRING },
        projectionType: ProjectionType.KEYS_ONLY,
      });
    }
    return table;
  }
}
