/** Texts that others wrote, on their way to people. */

/** Control characters, line breaks, direction marks, and all else that takes no place on a line. */
export const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** A text that stays in its line and cannot change how the rest of the line is shown. */
export const visible = (text: string): string => text.replace(INVISIBLE, '?');

/** The first characters; never half of one. */
export const firstOf = (text: string, length: number): string =>
  text.length <= length ? text : Array.from(text).slice(0, length).join('');
