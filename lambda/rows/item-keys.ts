import { Numeral } from './numeral.ts';
import type { RawRow } from './raw-row.ts';

export const balanceItem = ({ asset, location }: RawRow): string => {
  const item = `balance#${plainText(asset)}`;
  return location === undefined ? item : `${item}@${plainText(location)}`;
};

export const positionItem = (row: RawRow, label: unknown): string => {
  const item = `position#${plainText(row.instrument)}`;
  return label === undefined ? item : `${item}#${plainText(label)}`;
};

const plainText = (value: unknown): string =>
  value instanceof Numeral ? value.text : String(value);
