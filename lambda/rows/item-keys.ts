import { keyText, type RawRow } from './raw-row.ts';

export const balanceItem = ({ asset, location }: RawRow): string => {
  const item = `balance#${keyText(asset)}`;
  return location === undefined ? item : `${item}@${keyText(location)}`;
};

export const positionItem = (row: RawRow, label: unknown): string => {
  const item = `position#${keyText(row.instrument)}`;
  return label === undefined ? item : `${item}#${keyText(label)}`;
};
