import { describe, expect, it } from 'vitest';
import { renderReport } from '../../../local/report/render-report.ts';
import { FIXTURE_CHARTS, FIXTURE_REPORT } from './fixture.ts';

const page = renderReport(FIXTURE_REPORT);
const found = (pattern: RegExp) => [...page.matchAll(pattern)].map(([, text]) => text ?? '');

describe('a page', () => {
  it('has a title, the facts, and a heading for each section', () => {
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(found(/<h1>([^<]+)/g)).toEqual([FIXTURE_REPORT.title]);
    expect(found(/<h2 [^>]+>([^<]+)/g)).toHaveLength(FIXTURE_REPORT.sections.length);
    expect(found(/<dt>([^<]+)/g)).toHaveLength(FIXTURE_REPORT.facts.length);
  });

  it('asks the network for nothing, and would be refused', () => {
    expect(page).not.toMatch(/<(script|link|img|iframe|object)\b|@import|url\(|https?:/);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it('draws each chart for a page and for a phone, named by its title and its reading', () => {
    const names = found(/<svg class="chart (?:wide|narrow)" role="img" aria-labelledby="([^"]+)"/g);
    expect(names).toHaveLength(2 * FIXTURE_CHARTS.length);
    for (const name of names) {
      expect(page).toContain(`<h3 id="${name}">`);
      expect(page).toContain(`<p id="${name}-reading">`);
    }
  });

  it('places every mark', () => {
    expect(page).not.toMatch(/="[^"]*(NaN|undefined|Infinity)/);
  });

  it('has every id once, and points at none that is missing', () => {
    const ids = found(/ id="([^"]+)"/g);
    expect(new Set(ids).size).toBe(ids.length);
    const named = found(/aria-(?:labelledby|describedby)="([^"]+)"/g);
    expect(named.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('is the same bytes for the same report', () => {
    expect(renderReport(FIXTURE_REPORT)).toBe(page);
  });

  it('holds what data can hold as text', () => {
    expect(page).not.toContain('<script');
    expect(page).not.toMatch(/\u202E|\0/);
    const whole = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;é\uFFFDgnp\uFFFD';
    expect(page.split(whole).length).toBeGreaterThan(10);
    expect(page).toMatch(/<text [^>]*>&lt;script&gt;/);
  });

  it('says that a table is empty', () => {
    expect(page).toContain('<p class="empty">Empty: none.</p>');
  });
});

describe('a page of nothing', () => {
  it('is a page all the same', () => {
    const empty = renderReport({ title: 'Nothing', lead: '', facts: [], sections: [] });
    expect(empty).toContain('<h1>Nothing</h1>');
    expect(empty).not.toContain('<dl');
  });
});
