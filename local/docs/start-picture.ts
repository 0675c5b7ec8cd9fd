/** The picture at the top of the README: the end of `npm start`, and its report’s main chart. */
import { wrapped } from '../cli/table.ts';
import { draw, FRAMES } from '../report/draw.ts';
import type { Chart } from '../report/report.ts';

interface Shown {
  readonly opening: string;
  readonly closing: string;
  readonly chart: Chart;
  /** CSS properties that give the chart its colours. */
  readonly style: string;
}

const LINE_PX = 19;
const MARGIN_PX = 18;
/** That fit the width of the chart in its font. */
const COLUMNS = 104;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const GLYPHS: Readonly<Record<string, string>> = {
  triangle: '▲',
  diamond: '◆',
  cross: '✕',
};

const legendOf = ({ legend }: Chart): string =>
  legend
    .filter(({ glyph }) => glyph in GLYPHS)
    .map(({ label, glyph, tone }) => {
      const name = label.replace(/ \(.*/, '');
      return `<tspan dx="14" font-weight="400" fill="var(--${tone})">${GLYPHS[glyph]}</tspan><tspan dx="5" font-weight="400" font-size="12">${escaped(name)}</tspan>`;
    })
    .join('');

/** A text per line: no renderer of SVG breaks lines. */
export function startPicture({ opening, closing, chart, style }: Shown): string {
  if (chart.plot === undefined) throw new Error(`${chart.title}: there is nothing to draw`);
  const drawing = draw(chart.plot(FRAMES.wide));
  const again = (text: string) => wrapped(text.replaceAll('\n', ' '), COLUMNS).split('\n');
  const lines = [
    '$ npm start',
    ...again(opening),
    '…',
    ...closing.split('\n\n').flatMap(again),
    'report: margin-report.html',
  ];
  const terminalPx = lines.length * LINE_PX + 2 * MARGIN_PX;
  const titlePx = 34;
  const height = terminalPx + titlePx + drawing.height;
  const texts = lines.map((line, index) => {
    const tone = index === 0 ? '#7ee2b8' : '#e6ebf1';
    const y = MARGIN_PX + (index + 0.75) * LINE_PX;
    return `<text x="${MARGIN_PX}" y="${y}" fill="${tone}" xml:space="preserve">${escaped(line)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${drawing.width} ${height}" width="${drawing.width}" height="${height}" role="img" style="${style}">
<title>${escaped(lines.slice(1).join(' '))}</title>
<rect width="100%" height="100%" fill="#fff"/>
<rect width="100%" height="${terminalPx}" rx="8" fill="#11161c"/>
<g font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="13">
${texts.join('\n')}
</g>
<text x="${MARGIN_PX}" y="${terminalPx + 24}" fill="#1b2430" font-family="system-ui,sans-serif" font-size="14" font-weight="600">${escaped(chart.title)}${legendOf(chart)}</text>
<g transform="translate(0,${terminalPx + titlePx})" fill="#1b2430" font-family="system-ui,sans-serif" font-size="12" text-anchor="middle">
${drawing.content}
</g>
</svg>
`;
}
