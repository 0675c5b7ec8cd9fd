/** One HTTPS request. The address is a secret: no error names it. */

export interface Answer {
  readonly status: number;
  /** The beginning of the body. */
  readonly text: string;
  /** How long the receiver asks to wait. */
  readonly retryAfterSeconds?: number | undefined;
}

export type Post = (url: string, body: string) => Promise<Answer>;

const TIMEOUT_MS = 5_000;
const ANSWER_LENGTH_MAX = 200;

/** Thrown when a receiver does not answer, or answers with anything but success. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
}

/** @throws DeliveryError when no answer came */
export async function postJson(url: string, body: string): Promise<Answer> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      // A redirect would send the text to an address that nobody has configured.
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = (await answer.text()).slice(0, ANSWER_LENGTH_MAX);
    const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
    return { status: answer.status, text, ...(seconds > 0 && { retryAfterSeconds: seconds }) };
  } catch (error) {
    throw new DeliveryError(`no answer from the receiver: ${kindOf(error)}`);
  }
}

/** The message of a failed request may hold the address. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return `${error.name}${code}`;
}
