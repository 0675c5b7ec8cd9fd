import { bars } from '../../report/charts/bars.ts';
import { count, counted } from '../../report/figures.ts';
import type { Section } from '../../report/report.ts';
import type { DemoResult } from '../result.ts';

export function doubtSection({ withheld, indeterminate }: DemoResult): Section {
  const reasons = Object.entries(withheld).map(([label, value = 0]) => ({ label, value }));
  const total = reasons.reduce((sum, { value }) => sum + value, 0);
  return {
    title: 'What it did not act on',
    prose: [
      'A price that is old, suspect or not known well enough never liquidates, and what is missing ' +
        'or malformed never reads as healthy.',
    ],
    charts: [
      bars({
        title: 'Liquidations withheld, by reason',
        reading: `${counted(total, 'liquidation')} withheld: ${reasonsText(reasons)}.`,
        measure: { name: 'Withheld', unit: '' },
        bars: reasons,
      }),
    ],
    tables: [
      {
        caption: 'Accounts that were indeterminate, by reason',
        head: ['Reason', 'Alerts'],
        rows: Object.entries(indeterminate).map(([reason, alerts = 0]) => [reason, count(alerts)]),
      },
    ],
  };
}

const reasonsText = (
  reasons: readonly { readonly label: string; readonly value: number }[],
): string =>
  reasons.length === 0
    ? 'none'
    : reasons.map(({ label, value }) => `${count(value)} ${label}`).join(', ');
