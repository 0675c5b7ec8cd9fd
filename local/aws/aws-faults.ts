/** AWS errors that the user can fix, each with one line of advice. */
import { InputError, reasonOf } from '../cli/input.ts';

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /CredentialsProviderError|Could not load credentials/,
    'no AWS credentials: set AWS_PROFILE, or sign in (aws sso login)',
  ],
  [/Region is missing/, 'no AWS region: set AWS_REGION, such as AWS_REGION=eu-west-1'],
  [
    /ExpiredToken|InvalidClientTokenId|UnrecognizedClient/,
    'AWS rejects these credentials: sign in again, or set another AWS_PROFILE',
  ],
  [
    /AccessDenied|AuthorizationError/,
    'AWS denies access: get the permission, or set another AWS_PROFILE',
  ],
  [
    /ResourceNotFoundException|NotFoundException/,
    'a table or topic does not exist: check the region, the stack and --endpoint',
  ],
  [/ECONNREFUSED|ENOTFOUND/, 'AWS cannot be reached: check the network and --endpoint'],
];

/** Undefined for every other error. */
export function inputFaultOf(error: unknown): InputError | undefined {
  const { name = '', code = '' } = error as { name?: string; code?: string };
  const reason = reasonOf(error);
  const found = ADVICE.find(([pattern]) => pattern.test(`${name} ${code} ${reason}`));
  if (found === undefined) return undefined;
  return new InputError(`${found[1]} (${reason})`.replaceAll(/\s+/g, ' '));
}
