/** One line that is drawn over, below what is printed. Undefined without a terminal. */
import { visible } from '../../lambda/messages/visible.ts';

interface StatusLine {
  readonly show: (text: string) => void;
  readonly clear: () => void;
  readonly draw: () => void;
}

type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>;

const CLEAR = '\r\u001b[2K';

export function statusLine(out: Pick<Stream, 'isTTY'>, stream: Stream): StatusLine | undefined {
  if (!out.isTTY || !stream.isTTY) return undefined;
  let shown = '';
  const clear = () => {
    stream.write(CLEAR);
  };
  const draw = () => {
    // A line that wraps could not be drawn over.
    stream.write(`${CLEAR}${shown.slice(0, Math.max(0, (stream.columns ?? 80) - 1))}`);
  };
  const show = (text: string) => {
    shown = visible(text);
    draw();
  };
  return { show, clear, draw };
}
