/** A wide table scrolls on a narrow page. */
import { type Html, html } from './html.ts';
import type { Table } from './report.ts';

export function tableOf({ caption, head, rows, wordColumns = [] }: Table): Html {
  if (rows.length === 0) return html`<p class="empty">${caption}: none.</p>\n`;
  const words = new Set([0, ...wordColumns]);
  const kind = (column: number) => (words.has(column) ? 'word' : 'number');
  const heads = head.map(
    (each, column) => html`<th scope="col" class="${kind(column)}">${each}</th>`,
  );
  const body = rows.map((row) => {
    const [name, ...cells] = row.map((cell, column) =>
      column === 0
        ? html`<th scope="row">${cell}</th>`
        : html`<td class="${kind(column)}">${cell}</td>`,
    );
    return html`<tr>${name}${cells}</tr>\n`;
  });
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption>${caption}</caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${body}</tbody>
</table></div>
`;
}
