/**
 * The small build of zod, with its messages in English. The full build makes the same schemas in
 * three times as long, and making schemas takes much of a cold start.
 */
import { en } from 'zod/locales';
import { config } from 'zod/mini';

export * from 'zod/mini';

config(en());
