import { CfnOutput, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { CHECKPOINT_OUTPUT } from './names.ts';

interface CheckpointBucketProps {
  readonly encryptionKey: IKey | undefined;
}

/**
 * What functions with certificates hand to functions that start later. It can be lost: they read
 * every account then. CloudFormation could not delete a bucket that holds something, so it outlives the
 * stack and is empty a day later.
 */
export class CheckpointBucket extends Construct {
  readonly bucketName: string;
  readonly #bucket: Bucket;

  constructor(scope: Construct, id: string, { encryptionKey }: CheckpointBucketProps) {
    super(scope, id);
    this.#bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      encryption: encryptionKey ? BucketEncryption.KMS : BucketEncryption.S3_MANAGED,
      ...(encryptionKey && { encryptionKey, bucketKeyEnabled: true }),
      lifecycleRules: [
        { expiration: Duration.days(1), abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.bucketName = this.#bucket.bucketName;
    new CfnOutput(this, CHECKPOINT_OUTPUT, { value: this.bucketName });
    Validations.of(this.#bucket).acknowledge({
      id: 'AwsSolutions::AwsSolutions-S1',
      reason: 'Only the check reads and writes it, and what it holds can be made again.',
    });
  }

  /** Explicit, because the CDK's grants include lists and tags. */
  grantUse(role: Role): void {
    const objects = this.#bucket.arnForObjects('*');
    role.addToPolicy(
      new PolicyStatement({ actions: ['s3:GetObject', 's3:PutObject'], resources: [objects] }),
    );
    const logicalId = Stack.of(this).getLogicalId(this.#bucket.node.defaultChild as CfnBucket);
    Validations.of(role).acknowledge({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::<${logicalId}.Arn>/*]`,
      reason: 'Every object of a bucket that holds nothing but checkpoints.',
    });
  }
}
