/** Stands in every decision record; the same as in package.json. */
export const CODE_VERSION = '0.1.0';

/**
 * The version of the rules that decide; stands in every decision record. Raise it by one in the
 * commit that lets the same evidence give another assessment, case, message or sentence:
 * docs/contributing.md.
 */
export const RULES_VERSION = 4;

/** The rules of records that do not name theirs. */
export const UNNAMED_RULES_VERSION = 1;

/** A digest of the sources of this folder, which only a bundle has. */
declare const SOURCES_DIGEST: string | undefined;

/**
 * The check believes what a worker has assessed only if both are of the same sources: a deployment
 * replaces one function after the other.
 */
export const SOURCES = typeof SOURCES_DIGEST === 'undefined' ? CODE_VERSION : SOURCES_DIGEST;
