import { type Html, html } from './html.ts';
import type { LegendEntry } from './report.ts';
import { DASHES, type Glyph, paint } from './tones.ts';

const STROKE_WIDTH = 2;

export function legendOf(entries: readonly LegendEntry[]): Html | undefined {
  if (entries.length === 0) return undefined;
  const items = entries.map(({ label, glyph, tone }) => {
    const colour = paint(tone);
    return html`<li><svg width="24" height="12" viewBox="0 0 24 12" aria-hidden="true" fill="${colour}" stroke="${colour}">${SIGNS[glyph]}</svg>${label}</li>`;
  });
  return html`<ul class="legend">${items}</ul>`;
}

const stroke = (dash: string): Html =>
  html`<path d="M0 6H24" fill="none" stroke-width="${STROKE_WIDTH}" stroke-dasharray="${dash}"/>`;

const SIGNS: Readonly<Record<Glyph, Html>> = {
  line: stroke(DASHES.line),
  dashed: stroke(DASHES.dashed),
  dotted: stroke(DASHES.dotted),
  band: html`<path d="M0 1H24V11H0Z" fill-opacity="0.25" stroke="none"/>`,
  bar: html`<path d="M5 0H19V12H5Z" fill-opacity="0.6" stroke="none"/>`,
  circle: html`<circle cx="12" cy="6" r="4" stroke="none"/>`,
  triangle: html`<path d="M12 1L17 11H7Z" stroke="none"/>`,
  diamond: html`<path d="M12 0L16 6L12 12L8 6Z" stroke="none"/>`,
  cross: html`<path d="M8 2L16 10M16 2L8 10" fill="none" stroke-width="${STROKE_WIDTH}"/>`,
};
