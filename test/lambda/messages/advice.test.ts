import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { headingOf, runbookLink } from '../../../lambda/messages/advice.ts';
import { type Message, SEVERITIES } from '../../../lambda/messages/messages.ts';

const RUNBOOK = readFileSync(join(import.meta.dirname, '../../../docs/runbook.md'), 'utf8');
const TYPES = Object.keys(SEVERITIES) as Message['type'][];

describe('the paragraph of the runbook', () => {
  it.each(TYPES)('of %s is there, with how bad it is and what to do', (type) => {
    const [, after = ''] = RUNBOOK.split(`\n### ${headingOf({ type })}\n`);
    const [paragraph = ''] = after.split('\n##');
    expect(paragraph).toMatch(/\*\*How bad:\*\*/);
    expect(paragraph).toMatch(/\*\*Do:\*\*/);
  });

  it.each(TYPES)('of %s is linked as GitHub names its heading', (type) => {
    const anchor = headingOf({ type })
      .toLowerCase()
      .replaceAll(/[^a-z0-9 -]/g, '');
    expect(runbookLink({ type } as Message, 'https://a.b/c')).toBe(`https://a.b/c#${anchor}`);
  });
});
