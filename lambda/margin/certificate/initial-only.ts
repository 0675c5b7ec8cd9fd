/**
 * Leaves out parts of curves that only the initial requirement rests on, where no call asks for it.
 * The core bounds a curve with such a part by segments. Only where these are exact on the straight
 * rest is the figure the same without the part.
 */
import type { Book } from '../book/book.ts';
import type { Curve } from '../curve/curve.ts';
import { HingePart } from '../curve/hinge-part.ts';
import type { Policy } from '../market/policy.ts';

export function withoutInitialOnly(book: Book, { callAt }: Policy): Book {
  if (callAt === 'initial' || !book.curves.some(isStraightWithout)) return book;
  const apart = new Set(
    book.positions
      .filter(({ terms: { quoted, prices } }) =>
        prices.some(({ feed }) => feed !== quoted.factor.feed),
      )
      .map(({ terms }) => terms.quoted.factor.feed),
  );
  const curves = book.curves.map((curve) =>
    isStraightWithout(curve) && !apart.has(curve.factor)
      ? { ...curve, nonLinear: undefined }
      : curve,
  );
  return { ...book, curves };
}

const isStraightWithout = ({ nonLinear, weighed, margined }: Curve): boolean =>
  nonLinear?.parts.every((part) => part instanceof HingePart && part.isInitialOnly) === true &&
  weighed.length === 0 &&
  margined.every(({ schedule }) => schedule.length === 1);
