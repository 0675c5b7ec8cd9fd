/** How far a run is: a bar on a terminal, otherwise a line every now and then. On stderr. */
import { SingleBar } from 'cli-progress';

export interface Progress {
  advance(done: number, where: string): void;
  stop(): void;
}

const LINES = 12;

export function startProgress(total: number, stream = process.stderr): Progress {
  return stream.isTTY ? bar(total, stream) : lines(total, stream);
}

function bar(total: number, stream: NodeJS.WriteStream): Progress {
  const format = '{where}  {bar}  {value} of {total} checks, {eta_formatted} to go';
  const single = new SingleBar({ format, stream, hideCursor: true });
  single.start(total, 0, { where: '' });
  return {
    advance: (done, where) => single.update(done, { where }),
    stop: () => single.stop(),
  };
}

function lines(total: number, stream: NodeJS.WriteStream): Progress {
  const every = Math.ceil(total / LINES);
  return {
    advance: (done, where) => {
      if (done % every === 0 || done === total) {
        stream.write(`${where}  ${done} of ${total} checks\n`);
      }
    },
    stop: () => {},
  };
}
