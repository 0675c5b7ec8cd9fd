/** One call of the SDK, as tests name it. */
export interface Call {
  /** Counted from 1. */
  readonly index: number;
  /** The name of the command without its `Command`. */
  readonly command: string;
  /** The table, with its index if there is one, or the name of the topic or bucket. */
  readonly target: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** Names of commands without the end that says what they are. */
const names = new Map<string, string>();

export function describeCall(command: object): Omit<Call, 'index'> {
  const { input } = command as Pick<Call, 'input'>;
  const { name } = command.constructor;
  const short = names.get(name) ?? name.replace(/Command$/, '');
  names.set(name, short);
  const index = input.IndexName === undefined ? '' : `/${input.IndexName}`;
  const [topic] = String(input.TopicArn ?? '')
    .split(':')
    .slice(-1);
  const target =
    input.TableName === undefined ? `${input.Bucket ?? topic}` : `${input.TableName}${index}`;
  return { command: short, target, input };
}
