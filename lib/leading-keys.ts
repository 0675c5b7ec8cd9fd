/**
 * Limits a right to rows with these partition keys. A condition on all keys of a request also holds
 * if there are none, so a second one asks for some.
 */
export function onlyLeadingKeys(
  operator: 'StringEquals' | 'StringLike',
  keys: readonly string[],
): Record<string, Record<string, unknown>> {
  return {
    [`ForAllValues:${operator}`]: { 'dynamodb:LeadingKeys': [...keys] },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  };
}
