/**
 * `npm run texts`: prints every sentence of the sources that a person may read, by file: errors, reasons,
 * e-mails, alarms, the command line. To be read in one go, as an operator would.
 */
import { readSources, type Source } from './import-graph.ts';

const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/g;
const LITERAL = /'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g;
/** Two words at least. */
const SENTENCE = /[A-Za-z]{2,}[,:;]? [A-Za-z]{2,}/;
/** Placeholders of template literals stay as `…`. */
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
