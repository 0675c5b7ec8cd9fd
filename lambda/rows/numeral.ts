/**
 * A number as it was written. Numbers of DynamoDB (N) and JSON are read and written back as their
 * text, so that no digit passes through binary floating point.
 */
export class Numeral {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toJSON(): unknown {
    return rawJson(this.text);
  }
}

/** JSON.rawJSON and the reviver's source text, which the type library lacks. */
const json = JSON as unknown as {
  rawJSON(text: string): unknown;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source: string }) => unknown,
  ): unknown;
};

const rawJson = (text: string): unknown => json.rawJSON(text);

/** Every number becomes a Numeral. @throws SyntaxError as JSON.parse does. */
export function parseExactJson(text: string): unknown {
  return json.parse(text, (_key, value, context) =>
    typeof value === 'number' ? new Numeral(context.source) : value,
  );
}
