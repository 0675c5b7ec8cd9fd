/**
 * Products of decimals summed up exactly, without a decimal for each. A decimal is words of seven
 * digits that are aligned to the decimal point, so that the product of two words lands on a word;
 * float64 holds such products, and a few dozen of them, without an error.
 */

/** A decimal as decimal.js documents it: words, most significant first; exponent of ten; sign. */
export interface Words {
  readonly d: readonly number[];
  readonly e: number;
  readonly s: number;
}

const WORD_DIGITS = 7;
const WORD = 10 ** WORD_DIGITS;

/** Words below and above the decimal point: what products of inputs and of option values can reach. */
const BELOW = 24;
const ABOVE = 8;

/** A product adds at most a few products of words to one word; after so many they are carried over. */
const PRODUCTS_UNTIL_CARRY = 16;

export class WordSum {
  private readonly words = new Float64Array(BELOW + ABOVE);
  /** The words that anything was added to; two more take what is carried. */
  private lowest = BELOW + ABOVE;
  private highest = 0;
  private products = 0;

  /** @returns false, and adds nothing, when the product is too large or too small to be held. */
  addProduct(left: Words, right: Words): boolean {
    const top = BELOW + wordOf(left.e) + wordOf(right.e);
    const bottom = top - left.d.length - right.d.length + 2;
    if (bottom < 0 || top + 2 >= this.words.length) return false;
    if (bottom < this.lowest) this.lowest = bottom;
    if (top + 2 > this.highest) this.highest = top + 2;
    this.multiply(left, right, top);
    this.products++;
    if (this.products % PRODUCTS_UNTIL_CARRY === 0) this.carry();
    return true;
  }

  private multiply(left: Words, right: Words, top: number): void {
    const { words } = this;
    const sign = left.s * right.s;
    for (let i = 0; i < left.d.length; i++) {
      const word = sign * (left.d[i] as number);
      for (let j = 0; j < right.d.length; j++) {
        const at = top - i - j;
        words[at] = (words[at] as number) + word * (right.d[j] as number);
      }
    }
  }

  /** Leaves every word but the highest between nought and a full one; the highest has the sign. */
  private carry(): void {
    const { words } = this;
    for (let at = this.lowest; at < this.highest; at++) {
      const over = Math.floor((words[at] as number) / WORD);
      words[at] = (words[at] as number) - over * WORD;
      words[at + 1] = (words[at + 1] as number) + over;
    }
  }

  /** The sum, as digits with an exponent of ten. */
  text(): string {
    if (this.products === 0) return '0';
    this.carry();
    const sign = (this.words[this.highest] as number) < 0 ? '-' : '';
    if (sign === '-') this.negate();
    let digits = '';
    for (let at = this.highest; at >= this.lowest; at--) {
      digits += String(this.words[at]).padStart(WORD_DIGITS, '0');
    }
    return `${sign}${digits}e${(this.lowest - BELOW) * WORD_DIGITS}`;
  }

  private negate(): void {
    for (let at = this.lowest; at <= this.highest; at++) {
      this.words[at] = -(this.words[at] as number);
    }
    this.carry();
  }
}

const wordOf = (exponent: number): number => Math.floor(exponent / WORD_DIGITS);
