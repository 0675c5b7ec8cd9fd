/**
 * A number as it was written. DynamoDB's N and JSON's numbers are read as their text, so that no
 * digit passes through binary floating point, and written back as the same text.
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

/** ECMAScript's JSON.rawJSON and the source text of a reviver, which the type library lacks. */
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
