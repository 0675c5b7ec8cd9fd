import { bars } from '../../report/charts/bars.ts';
import { count, counted } from '../../report/figures.ts';
import type { Section } from '../../report/report.ts';
import type { DemoResult } from '../result.ts';

export function doubtSection({ withheld, indeterminate }: DemoResult): Section {
  const reasons = Object.entries(withheld).map(([label, value = 0]) => ({ label, value }));
  const total = reasons.reduce((sum, { value }) => sum + value, 0);
  return {
    title: 'Withheld liquidations and indeterminate accounts',
    prose: [
      'A price that is stale, suspect or too uncertain never causes a liquidation. An account with ' +
        'missing or malformed data never counts as healthy. The reason market-full means that the liquidation ' +
        'waited for market capacity.',
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
        caption: 'Indeterminate accounts, by reason',
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
