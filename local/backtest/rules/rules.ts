import type { Method } from '../parameters.ts';
import { ewmaNormalRule } from '../peers/ewma-normal.ts';
import { filteredRule } from '../peers/filtered.ts';
import { fixedVolatilityRule } from '../peers/fixed-volatility.ts';
import { garchRule } from '../peers/garch.ts';
import { historicalRule } from '../peers/historical.ts';
import { fixedRule, novemberRule } from './november.ts';
import type { Rule, RuleTerms } from './rule.ts';
import { trackedRule } from './tracked.ts';

export const RULES: Readonly<Record<Method, (terms: RuleTerms) => Rule>> = {
  tracked: trackedRule,
  november: novemberRule,
  fixed: fixedRule,
  'fixed-volatility': fixedVolatilityRule,
  'ewma-normal': ewmaNormalRule,
  historical: historicalRule,
  filtered: filteredRule,
  garch: garchRule,
};
