import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  ARCHITECTURE_PICTURE,
  architecturePicture,
} from '../../../local/docs/architecture-picture.ts';
import { readSources } from '../../../local/docs/import-graph.ts';

it('draws the rooms as the imports of today are: `npm run schemas` writes the picture', () => {
  const picture = architecturePicture(readSources(['lambda']));
  expect(readFileSync(ARCHITECTURE_PICTURE, 'utf8')).toBe(picture);
  for (const room of ['accounts', 'outbox', 'run-check.ts', 'waterfall']) {
    expect(picture).toContain(`>${room}</text>`);
  }
});
