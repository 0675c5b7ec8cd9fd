/**
 * Reads JSON and keeps the digits of each number. `JSON.parse` rounds a number to binary floating
 * point, and Node 20 gives a reviver no access to the text. Accepts what `JSON.parse` accepts, down
 * to `DEPTH_MAX` levels.
 */

/** Keeps a hostile text from exhausting the stack. Documents have fewer than ten levels. */
export const DEPTH_MAX = 500;

/**
 * @param numberOf makes the value of a number from its digits.
 * @throws SyntaxError with the line and column of the first fault.
 */
export const readJson = (text: string, numberOf: (digits: string) => unknown): unknown =>
  new JsonReader(text, numberOf).document();

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const LEFT_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const RIGHT_BRACKET = 0x5d;
const SMALL_F = 0x66;
const SMALL_N = 0x6e;
const SMALL_T = 0x74;
const LEFT_BRACE = 0x7b;
const RIGHT_BRACE = 0x7d;

class JsonReader {
  private readonly text: string;
  private readonly numberOf: (digits: string) => unknown;
  /** Index of the next character. */
  private at = 0;
  private depth = 0;

  constructor(text: string, numberOf: (digits: string) => unknown) {
    this.text = text;
    this.numberOf = numberOf;
  }

  document(): unknown {
    const value = this.value();
    this.skipSpace();
    if (this.at < this.text.length) throw this.fault('the end');
    return value;
  }

  private value(): unknown {
    switch (this.skipSpace()) {
      case QUOTE:
        return this.string();
      case LEFT_BRACE:
        return this.object();
      case LEFT_BRACKET:
        return this.array();
      case SMALL_T:
        return this.word('true', true);
      case SMALL_F:
        return this.word('false', false);
      case SMALL_N:
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  private object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    if (this.opens(RIGHT_BRACE)) return object;
    do {
      if (this.skipSpace() !== QUOTE) throw this.fault('a name in double quotes');
      const name = this.string();
      if (this.skipSpace() !== COLON) throw this.fault("':'");
      this.at++;
      set(object, name, this.value());
    } while (this.goesOn(RIGHT_BRACE, "',' or '}'"));
    return object;
  }

  private array(): unknown[] {
    const array: unknown[] = [];
    if (this.opens(RIGHT_BRACKET)) return array;
    do {
      array.push(this.value());
    } while (this.goesOn(RIGHT_BRACKET, "',' or ']'"));
    return array;
  }

  /** Reads the opening bracket. @returns true if the closing one follows; it is then read too. */
  private opens(end: number): boolean {
    if (this.depth === DEPTH_MAX) throw this.fault(`at most ${DEPTH_MAX} levels`);
    this.at++;
    const isEmpty = this.skipSpace() === end;
    if (isEmpty) this.at++;
    else this.depth++;
    return isEmpty;
  }

  /** Reads the comma or the closing bracket. @returns true for the comma. */
  private goesOn(end: number, expected: string): boolean {
    const code = this.skipSpace();
    if (code !== COMMA && code !== end) throw this.fault(expected);
    this.at++;
    if (code === end) this.depth--;
    return code === COMMA;
  }

  private string(): string {
    const { text } = this;
    const start = this.at++;
    let isEscaped = false;
    for (let code = text.charCodeAt(this.at); code !== QUOTE; code = text.charCodeAt(this.at)) {
      if (code === BACKSLASH) {
        isEscaped = true;
        this.at += this.matchOf(ESCAPE, 'an escape such as \\n or \\u0041').length;
      } else if (code >= SPACE) this.at++;
      else throw this.fault('a closing double quote');
    }
    const end = ++this.at;
    return isEscaped ? JSON.parse(text.slice(start, end)) : text.slice(start + 1, end - 1);
  }

  private number(): unknown {
    const digits = this.matchOf(NUMBER, 'a value');
    this.at += digits.length;
    return this.numberOf(digits);
  }

  private word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) throw this.fault('a value');
    this.at += word.length;
    return value;
  }

  private matchOf(pattern: RegExp, expected: string): string {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) throw this.fault(expected);
    return match[0];
  }

  /** @returns the code of the next character, or NaN at the end of the text. */
  private skipSpace(): number {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== SPACE && code !== LINE_FEED && code !== CARRIAGE_RETURN && code !== TAB) {
        return code;
      }
      this.at++;
    }
  }

  private fault(expected: string): SyntaxError {
    const lines = this.text.slice(0, this.at).split('\n');
    const column = (lines.at(-1) as string).length + 1;
    const code = this.text.codePointAt(this.at);
    const found = code === undefined ? 'the end' : JSON.stringify(String.fromCodePoint(code));
    return new SyntaxError(
      `expected ${expected} at line ${lines.length}, column ${column}, not ${found}`,
    );
  }
}

/** Assigning to `__proto__` would set the prototype. */
function set(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, ...PLAIN_PROPERTY });
}

const PLAIN_PROPERTY = { writable: true, enumerable: true, configurable: true } as const;
