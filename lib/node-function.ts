/** What the functions of the checker have in common: code, runtime, role and log. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { type BundlingOptions, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

export const ROOT = join(import.meta.dirname, '..');

export const ENTRIES = [
  'check',
  'check-certified',
  'events',
  'forward',
  'slots',
  'worker',
] as const;

type Entry = (typeof ENTRIES)[number];

/** TypeScript, or JavaScript if compiled. */
export const entryOf = (name: Entry): string =>
  join(ROOT, 'lambda', `${name}${extname(import.meta.filename)}`);

/**
 * Bundles the AWS SDK, because the runtime's version changes without notice. Emits CommonJS,
 * because bundled packages may call `require`, but prefers ES sources: they save a fifth of the
 * size. Keeps names and lines for readable stack traces; a source map would be larger than the code
 * and load at every cold start.
 */
export const BUNDLING = {
  bundleAwsSDK: true,
  format: OutputFormat.CJS,
  mainFields: ['module', 'main'],
  esbuildArgs: { '--minify-whitespace': true, '--minify-syntax': true, '--line-limit': '160' },
} as const satisfies BundlingOptions;

let digest: string | undefined;

/**
 * Replaces names in a bundle: a check and a worker of one deployment know by the digest of the sources
 * (lambda/version.ts) that they assess alike.
 */
export function definesOf(): Record<string, string> {
  digest ??= sourcesDigest(join(ROOT, 'lambda'));
  return { SOURCES_DIGEST: JSON.stringify(digest) };
}

function sourcesDigest(folder: string): string {
  const hash = createHash('sha256');
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const path of paths.filter((each) => /\.[jt]s$/.test(each)).toSorted()) {
    hash.update(`${path}\n`).update(readFileSync(join(folder, path)));
  }
  return hash.digest('hex');
}

export const codeOf = (name: Entry) => ({
  entry: entryOf(name),
  handler: 'handler',
  projectRoot: ROOT,
  // Any file will do: a package has no lock file, and bundling installs nothing.
  depsLockFilePath: entryOf(name),
  runtime: Runtime.NODEJS_24_X,
  architecture: Architecture.ARM_64,
  bundling: { ...BUNDLING, define: definesOf() },
});

/** Needed to read and write data encrypted with a customer's key. */
export const KEY_RIGHTS = ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'];

export interface LogSettings {
  readonly encryptionKey: IKey | undefined;
  readonly logRetention: RetentionDays;
  /** True: the log outlives the stack. */
  readonly isKept?: boolean;
}

/** A role that may write its log: the CDK's default may create log groups anywhere. */
export function roleAndLogs(scope: Construct, settings: LogSettings) {
  const { encryptionKey, logRetention: retention, isKept = false } = settings;
  const role = new Role(scope, 'Role', {
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
  });
  const logGroup = new LogGroup(scope, 'Logs', {
    retention,
    removalPolicy: isKept ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    ...(encryptionKey && { encryptionKey }),
  });
  logGroup.grantWrite(role);
  return { role, logGroup };
}

/** As the CDK lets a function store its dead letters. */
export function acknowledgeDeadLetterKey(role: Role): void {
  const reasons = {
    'kms:GenerateDataKey*': 'Also with GenerateDataKeyWithoutPlaintext, and only on the given key.',
    'kms:ReEncrypt*': 'ReEncryptFrom and ReEncryptTo, and only on the given key.',
  };
  for (const [action, reason] of Object.entries(reasons)) {
    const id = `AwsSolutions::AwsSolutions-IAM5[Action::${action}]`;
    Validations.of(role).acknowledge({ id, reason });
  }
}
