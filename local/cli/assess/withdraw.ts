import { InvalidArgumentError } from 'commander';
import {
  DecimalError,
  isPositive,
  type Quantity,
  quantity,
} from '../../../lambda/margin/number/decimal.ts';
import type { AskedWithdrawal } from '../../analysis/withdrawal.ts';

/** @param text `USD=1000`, `USDC@arbitrum=max`. @throws InvalidArgumentError */
export function readWithdrawal(text: string): Omit<AskedWithdrawal, 'accountId'> {
  const at = text.lastIndexOf('=');
  const [asset = '', ...places] = text.slice(0, Math.max(0, at)).split('@');
  if (asset === '' || places.length > 1) {
    throw new InvalidArgumentError('Write it as USD=1000, USD=max or USDC@arbitrum=1000.');
  }
  const [location] = places;
  return { asset, location, amount: amountOf(text.slice(at + 1)) };
}

function amountOf(text: string): Quantity | 'max' {
  if (text === 'max') return 'max';
  try {
    const amount = quantity(text);
    if (isPositive(amount)) return amount;
  } catch (error) {
    if (!(error instanceof DecimalError)) throw error;
  }
  throw new InvalidArgumentError('The amount must be a decimal above 0, or max.');
}
