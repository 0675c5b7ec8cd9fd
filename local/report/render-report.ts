/**
 * One HTML file that loads nothing: no script, font or style sheet, and a policy that blocks them.
 * Equal reports give equal bytes.
 */
import { type Drawing, draw, FRAMES } from './draw.ts';
import { legendOf } from './glyphs.ts';
import { Html, html, printable } from './html.ts';
import { PAGE_STYLE } from './page-style.ts';
import type { Chart, Fact, Report, Section } from './report.ts';
import { tableOf } from './table.ts';

const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

export function renderReport(report: Report): string {
  const { title, verdict, lead, facts, sections } = report;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${new Html(POLICY)}">
<title>${title}</title>
<style>${new Html(PAGE_STYLE)}</style>
</head>
<body>
<header><h1>${title}</h1><p class="verdict ${verdict.tone}">${verdict.text}</p><p class="lead">${lead}</p></header>
<main>
${facts.length === 0 ? undefined : html`<dl class="facts">${facts.map(factOf)}</dl>`}
${sections.length < 2 ? undefined : contentsOf(sections)}
${sections.map(sectionOf)}
</main>
</body>
</html>
`;
  return printable(page.text);
}

const factOf = ({ label, value, note }: Fact): Html =>
  html`<div><dt>${label}</dt><dd class="value">${value}</dd>${note === undefined ? undefined : html`<dd class="note">${note}</dd>`}</div>\n`;

const contentsOf = (sections: readonly Section[]): Html =>
  html`<nav aria-label="Contents"><ol>
${sections.map(
  ({ title }, index) => html`<li><a href="#section-${index}">${title}</a></li>
`,
)}</ol></nav>`;

function sectionOf(section: Section, index: number): Html {
  const { title, prose, charts = [], tables = [] } = section;
  return html`<section aria-labelledby="section-${index}">
<h2 id="section-${index}">${title}</h2>
${prose.map((paragraph) => html`<p>${paragraph}</p>\n`)}
${charts.map((chart, place) => figureOf(chart, `chart-${index}-${place}`))}
${tables.map(tableOf)}
</section>
`;
}

function figureOf({ title, reading, legend, plot, table }: Chart, id: string): Html {
  const caption = html`<figcaption><h3 id="${id}">${title}</h3><p id="${id}-reading">${reading}</p></figcaption>`;
  if (plot === undefined) return html`<figure class="empty">${caption}</figure>\n`;
  const drawings = Object.entries(FRAMES).map(([name, frame]) =>
    svgOf(draw(plot(frame)), { name, id }),
  );
  return html`<figure>${caption}${legendOf(legend)}${drawings}</figure>
${table === undefined ? undefined : tableOf(table)}`;
}

const svgOf = (
  { width, height, content }: Drawing,
  { name, id }: { readonly name: string; readonly id: string },
): Html =>
  html`<svg class="chart ${name}" role="img" aria-labelledby="${id}" aria-describedby="${id}-reading" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" fill="currentColor" text-anchor="middle">${new Html(content)}</svg>\n`;
