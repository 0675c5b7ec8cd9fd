/** Calls to DynamoDB that are under way together: a client of the SDK has 50 sockets. */
export const CALLS_AT_ONCE = 16;
