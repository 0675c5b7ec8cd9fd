import { expect, it } from 'vitest';
import { startMargin } from './margin.ts';

it('ends without a word when the reader of its output has enough', async () => {
  const { process: child, ending } = await startMargin(undefined, 'venues', '--json');
  child.stdout.destroy();
  expect(await ending).toMatchObject({ code: 0, err: '' });
});
