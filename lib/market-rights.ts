import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { onlyLeadingKeys } from './leading-keys.ts';
import type { AnyTable } from './margin-tables.ts';

/** Kinds of market rows by who should write them: a price feed must not be able to lift a halt. */
export const MARKET_KINDS = {
  quotes: ['quote'],
  rules: ['asset', 'location', 'instrument', 'risk'],
  policy: ['policy'],
  fund: ['fund'],
} as const;

const WRITE_ACTIONS = [
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:BatchWriteItem',
];

/** The right to write market rows of these kinds and no others. */
export function grantWriteKinds(
  grantee: IGrantable,
  {
    market,
    kinds,
    scope,
    isRead = false,
  }: {
    readonly market: AnyTable;
    readonly kinds: readonly string[];
    readonly scope: IConstruct;
    /** Also one of these rows at a time, for who changes a row on condition. */
    readonly isRead?: boolean;
  },
): Grant {
  const rows = Grant.addToPrincipal({
    grantee,
    scope,
    actions: isRead ? [...WRITE_ACTIONS, 'dynamodb:GetItem'] : WRITE_ACTIONS,
    resourceArns: [market.tableArn],
    conditions: onlyLeadingKeys('StringEquals', kinds),
  });
  const key = market.encryptionKey?.grantEncryptDecrypt(grantee);
  return key === undefined ? rows : rows.combine(key);
}
