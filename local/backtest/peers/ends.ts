/**
 * A model of returns says where an interval ends. The furthest point of a random walk lies beyond a
 * line twice as often (reflection principle), so such a peer is asked for p/2: else it would fail for
 * that alone.
 */
export const confidenceOfEnds = (confidence: number): number => (1 + confidence) / 2;
