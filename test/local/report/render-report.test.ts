import { describe, expect, it } from 'vitest';
import { renderReport } from '../../../local/report/render-report.ts';
import { FIXTURE_CHARTS, FIXTURE_REPORT } from './fixture.ts';

const verdict = { tone: 'good', text: 'Yes.' } as const;
const page = renderReport(FIXTURE_REPORT);
const found = (pattern: RegExp) => [...page.matchAll(pattern)].map(([, text]) => text ?? '');

describe('the page of a report', () => {
  it('has a title, the facts, and a heading for each section', () => {
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(found(/<h1>([^<]+)/g)).toEqual([FIXTURE_REPORT.title]);
    expect(found(/<h2 [^>]+>([^<]+)/g)).toHaveLength(FIXTURE_REPORT.sections.length);
    expect(found(/<dt>([^<]+)/g)).toHaveLength(FIXTURE_REPORT.facts.length);
  });

  it('makes no network request, and its policy forbids any', () => {
    expect(page).not.toMatch(/<(script|link|img|iframe|object)\b|@import|url\(|https?:/);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it('draws each chart for a desktop and for a phone, labelled by its title and its reading', () => {
    const names = found(/<svg class="chart (?:wide|narrow)" role="img" aria-labelledby="([^"]+)"/g);
    expect(names).toHaveLength(2 * FIXTURE_CHARTS.length);
    for (const name of names) {
      expect(page).toContain(`<h3 id="${name}">`);
      expect(page).toContain(`<p id="${name}-reading">`);
    }
  });

  it('gives every mark a valid position', () => {
    expect(page).not.toMatch(/="[^"]*(NaN|undefined|Infinity)/);
  });

  it('has each id once, and refers to no missing id', () => {
    const ids = found(/ id="([^"]+)"/g);
    expect(new Set(ids).size).toBe(ids.length);
    const named = found(/aria-(?:labelledby|describedby)="([^"]+)"/g);
    expect(named.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('is byte-identical for the same report', () => {
    expect(renderReport(FIXTURE_REPORT)).toBe(page);
  });

  it('shows hostile data as text', () => {
    expect(page).not.toContain('<script');
    expect(page).not.toMatch(/\u202E|\0/);
    const whole = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;é\uFFFDgnp\uFFFD';
    expect(page.split(whole).length).toBeGreaterThan(10);
    expect(page).toMatch(/<text [^>]*>&lt;script&gt;/);
  });

  it('shows a mark in place of each invisible character', () => {
    const evil = [
      '\u001b[2J',
      '\u009b',
      '\u200f',
      '\u061c',
      '\u2066',
      '\u2028',
      '\u200b',
      '\u00ad',
    ];
    const { title, ...rest } = FIXTURE_REPORT;
    const forged = renderReport({ ...rest, title: `${title}${evil.join('')}` });
    expect(forged).not.toMatch(/[^\P{C}\n\t]|[\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
    expect(forged).toContain(
      `<title>${found(/<title>([^<]+)/g)[0]}\uFFFD[2J${'\uFFFD'.repeat(7)}</title>`,
    );
  });

  it('begins with its verdict, and lists its sections', () => {
    expect(page).toMatch(/<\/h1><p class="verdict caution">[^<]+<\/p><p class="lead">/);
    const links = found(/<li><a href="#([^"]+)">/g);
    expect(links).toHaveLength(FIXTURE_REPORT.sections.length);
    for (const id of links) expect(page).toContain(`<h2 id="${id}">`);
  });

  it('shows the first twenty rows of a long table and folds the others', () => {
    const [before = '', after = ''] = page.split('<summary>Show the other 324 rows</summary>');
    expect(before).toContain('<th scope="row">account-19</th>');
    expect(before).not.toContain('account-20<');
    expect(after).toContain('<th scope="row">account-20</th>');
    expect(found(/<details>/g)).toHaveLength(1);
  });

  it('does not fold a day of hours', () => {
    const rows = Array.from({ length: 24 }, (_, hour) => [`${hour}:00`, '1']);
    const tables = [{ caption: 'Hours', head: ['Hour', 'Calls'], rows }];
    const sections = [{ title: 'Day', prose: [], tables }];
    expect(renderReport({ title: 'Day', verdict, lead: '', facts: [], sections })).not.toContain(
      '<details>',
    );
  });

  it('says that a table is empty', () => {
    expect(page).toContain('<p class="empty">Empty: none.</p>');
  });
});

describe('the page of an empty report', () => {
  it('is still a valid page', () => {
    const empty = renderReport({ title: 'Nothing', verdict, lead: '', facts: [], sections: [] });
    expect(empty).toContain('<h1>Nothing</h1>');
    expect(empty).not.toContain('<dl');
  });
});
