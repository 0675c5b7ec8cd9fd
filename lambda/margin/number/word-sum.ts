/**
 * Sums products of decimals exactly, without a decimal for each. Words of seven digits are aligned
 * to the decimal point, so the product of two words lands on a word. Float64 holds the sum of a few
 * dozen such products exactly.
 */

/** As decimal.js documents it: words, most significant first; exponent of ten; sign. */
export interface Words {
  readonly d: readonly number[];
  readonly e: number;
  readonly s: number;
}

const WORD_DIGITS = 7;
const WORD = 10 ** WORD_DIGITS;

/** Words on either side of the decimal point: enough for products of inputs and option values. */
const BELOW = 24;
const ABOVE = 8;

/** Each adds only a few word products to any one word. */
const PRODUCTS_UNTIL_CARRY = 16;

export class WordSum {
  private readonly words = new Float64Array(BELOW + ABOVE);
  /** Words in use; carrying may reach two further. */
  private lowest = BELOW + ABOVE;
  private highest = 0;
  private products = 0;

  /** @returns false, and adds nothing, if the product is too large or too small. */
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

  /** Brings every word into 0 to WORD − 1, except the highest, which keeps the sign. */
  private carry(): void {
    const { words } = this;
    for (let at = this.lowest; at < this.highest; at++) {
      const over = Math.floor((words[at] as number) / WORD);
      words[at] = (words[at] as number) - over * WORD;
      words[at + 1] = (words[at + 1] as number) + over;
    }
  }

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
