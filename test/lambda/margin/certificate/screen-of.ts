import { certify } from '../../../../lambda/margin/certificate/certify.ts';
import { Columns } from '../../../../lambda/margin/certificate/columns.ts';
import { ENVELOPE } from '../../../../lambda/margin/certificate/envelope.ts';
import { Screen } from '../../../../lambda/margin/certificate/screen.ts';
import type { Snapshot } from '../../../../lambda/margin/snapshot/snapshot.ts';
import { type AccountRows, bookOf, crossOf } from '../build.ts';

/** Its line 1 is the account's certificate, under the number 7. @throws Error if it has none */
export function screenOf(account: AccountRows, snapshot: Snapshot): Screen {
  const columns = new Columns(snapshot, ENVELOPE);
  const certified = certify(crossOf(account), bookOf(account, snapshot), { snapshot, columns });
  if (!certified.ok) throw new Error(certified.why);
  const screen = new Screen(columns);
  screen.add(7, certified.certificate);
  return screen;
}
