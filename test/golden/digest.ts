/** Hashes of plain values, whatever the order of their keys; texts for people apart from the facts. */
import { createHash } from 'node:crypto';

/** Attributes that hold sentences for people. */
const SENTENCES = new Set(['detail', 'why', 'errors', 'marketFaults', 'faults', 'Subject']);
/** Attributes that differ from run to run. */
const RANDOM = new Set(['runId']);

export interface Digest {
  /** How many values went into it. */
  readonly count: number;
  /** Everything but the sentences. */
  readonly facts: string;
  readonly sentences: string;
}

/** Collects values in any order: the digest is of the sorted set. */
export class Collection {
  private readonly facts: string[] = [];
  private readonly sentences: string[] = [];

  add(value: unknown): void {
    this.facts.push(hash(canonical(value, 'facts')));
    this.sentences.push(hash(canonical(value, 'sentences')));
  }

  /** Text that only people read. */
  addSentence(text: string): void {
    this.sentences.push(hash(text));
  }

  get digest(): Digest {
    const { facts, sentences } = this;
    return { count: facts.length, facts: ofAll(facts), sentences: ofAll(sentences) };
  }
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

const ofAll = (hashes: readonly string[]): string => hash(hashes.toSorted().join()).slice(0, 16);

function canonical(value: unknown, part: 'facts' | 'sentences', isSentence = false): string {
  if (Array.isArray(value)) {
    return `[${value.map((each) => canonical(each, part, isSentence)).join()}]`;
  }
  if (typeof value === 'object' && value !== null && !('toJSON' in value)) {
    const entries = Object.entries(value)
      .filter(([name, each]) => each !== undefined && !RANDOM.has(name))
      .sort(([left], [right]) => (left < right ? -1 : 1));
    const inner = entries.map(
      ([name, each]) =>
        `${JSON.stringify(name)}:${canonical(each, part, isSentence || SENTENCES.has(name))}`,
    );
    return `{${inner.join()}}`;
  }
  return isSentence === (part === 'sentences') ? (JSON.stringify(value) ?? '') : '';
}
