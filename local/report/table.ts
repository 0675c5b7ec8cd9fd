/** A wide table scrolls in its own box; a long one folds what is beyond its first rows. */
import { count } from './figures.ts';
import { type Html, html } from './html.ts';
import type { Table } from './report.ts';

export const ROWS_SHOWN = 20;
/** Fewer are not worth a click. */
const FOLDED_MIN = 5;

export function tableOf(table: Table): Html {
  const { caption, rows } = table;
  if (rows.length === 0) return html`<p class="empty">${caption}: none.</p>\n`;
  if (rows.length < ROWS_SHOWN + FOLDED_MIN) return gridOf(table, caption);
  const [first, others] = [rows.slice(0, ROWS_SHOWN), rows.slice(ROWS_SHOWN)];
  const rest = `${caption}, the other ${count(others.length)} rows`;
  return html`${gridOf({ ...table, rows: first }, caption)}<details><summary>Show the other ${count(others.length)} rows</summary>
${gridOf({ ...table, rows: others }, rest)}</details>
`;
}

function gridOf({ head, rows, wordColumns = [] }: Table, caption: string): Html {
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
<caption><span>${caption}</span></caption>
<thead><tr>${heads}</tr></thead>
<tbody>
${body}</tbody>
</table></div>
`;
}
