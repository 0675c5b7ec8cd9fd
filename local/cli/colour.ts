/** Colour for words that say how bad it is, on a terminal that takes colour (NO_COLOR is heeded). */
import type { WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import type { Verdict } from '../report/report.ts';

type Tone = Verdict['tone'];

const STYLES = { good: 'green', caution: 'yellow', bad: 'red' } as const;

type Stream = Pick<WriteStream, 'isTTY' | 'hasColors'>;

/** The text keeps its meaning without colour. */
export function toned(tone: Tone, text: string, stream: Stream = process.stdout): string {
  if (!stream.isTTY || !stream.hasColors()) return text;
  return styleText(STYLES[tone], text, { validateStream: false });
}

const TONES: Readonly<Record<string, Tone>> = {
  healthy: 'good',
  call: 'caution',
  indeterminate: 'caution',
  undecided: 'caution',
  liquidation: 'bad',
  deficit: 'bad',
};

/** A level, or any other word unchanged. */
export function levelWord(word: string, stream: Stream = process.stdout): string {
  const tone = TONES[word];
  return tone === undefined ? word : toned(tone, word, stream);
}
