/** On standard error: a bar, or a dozen lines without a terminal. */
import { SingleBar } from 'cli-progress';

export interface Progress {
  advance(done: number, where: string): void;
  stop(): void;
}

const LINES = 12;

export interface Work {
  readonly total: number;
  /** Plural. */
  readonly unit: string;
}

export function startProgress(work: Work, stream = process.stderr): Progress {
  return stream.isTTY ? bar(work, stream) : lines(work, stream);
}

function bar({ total, unit }: Work, stream: NodeJS.WriteStream): Progress {
  const format = `{where}  {bar}  {value} of {total} ${unit}, {eta_formatted} to go`;
  const single = new SingleBar({ format, stream, hideCursor: true });
  single.start(total, 0, { where: '' });
  return {
    advance: (done, where) => single.update(done, { where }),
    stop: () => single.stop(),
  };
}

function lines({ total, unit }: Work, stream: NodeJS.WriteStream): Progress {
  const every = Math.ceil(total / LINES);
  let said = 0;
  return {
    advance: (done, where) => {
      const share = Math.floor(done / every);
      if (share === said && done !== total) return;
      said = share;
      stream.write(`${where}  ${done} of ${total} ${unit}\n`);
    },
    stop: () => {},
  };
}
