/** Stands in every decision record; the same as in package.json. */
export const CODE_VERSION = '0.1.0';
