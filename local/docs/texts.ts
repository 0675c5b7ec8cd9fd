/** `npm run texts`: prints, by file, every sentence of the sources that a person may read. */
import { readSources, type Source } from './import-graph.ts';

const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/g;
const LITERAL = /'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g;
const SENTENCE = /[A-Za-z]{2,}[,:;]? [A-Za-z]{2,}/;
/** Shown as `…`. */
const PLACEHOLDER = /\$\{[^}]*\}/g;

function sentencesOf({ text }: Source): string[] {
  const literals = text.replace(COMMENT, '').match(LITERAL) ?? [];
  const sentences = literals
    .map((literal) => literal.slice(1, -1).replace(PLACEHOLDER, '…').trim())
    .filter((sentence) => SENTENCE.test(sentence) && !sentence.startsWith('.'));
  return [...new Set(sentences)];
}

for (const source of readSources(['bin', 'lib', 'lambda', 'local'])) {
  const sentences = sentencesOf(source);
  if (sentences.length === 0) continue;
  console.log(`\n## ${source.path}\n`);
  for (const sentence of sentences) console.log(`- ${sentence}`);
}
