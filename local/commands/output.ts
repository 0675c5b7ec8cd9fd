/** What a command says: results on standard output, everything else on standard error. */
export const FINDING = 1;
export const BAD_INPUT = 2;

export const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

export const note = (text: string): void => {
  process.stderr.write(`margin: ${text}\n`);
};
