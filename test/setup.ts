/** Random cases are the same in every run, so that a test fails by a change and not by chance. */
import { configureGlobal } from 'fast-check';

const SEED_DEFAULT = 20200312;

/** SEED=… npm test tries other cases. */
configureGlobal({ seed: Number(process.env.SEED ?? SEED_DEFAULT) });
