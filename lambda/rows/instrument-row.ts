import * as z from 'zod';
import { idField, openQuantityField, priceField, sizeField, timeField } from './fields.ts';
import { tradableFields } from './tradable.ts';

const instrumentShape = z.strictObject({
  type: z.enum(['perpetual', 'future', 'option']).register(z.globalRegistry, {
    description:
      'perpetual: no expiry, pays funding. future: settles at expiresAt. option: European, settles ' +
      'at expiresAt for max(S − K, 0) if a call, max(K − S, 0) if a put.',
  }),
  underlying: idField('Feed of the underlying, numeraire a unit: the risk factor.'),
  markFeed: idField(
    'Feed of its own price, when it is not the underlying’s. Needed for an option: its quotes give ' +
      'its price, its impliedVolatility or both. The price of an option is numeraire a unit of the ' +
      'underlying, of an inverse one coin a unit.',
  ).optional(),
  forwardFeed: idField(
    'For an option: feed of the forward F of its expiry, numeraire a unit. Without it F = S·e^{r·T}, ' +
      'r the rate of its class.',
  ).optional(),
  settlementFeed: idField(
    'For a future or an option: feed of the price that it settles at. Once it has expired, a quote ' +
      'of it published at or after expiresAt is read, whatever its age; before that, none.',
  ).optional(),
  settlementAsset: idField(
    'Asset that it settles in, and isolated margin is held in; of an inverse one the coin.',
  ),
  contractSize: sizeField(
    'c: units of the underlying a contract; of an inverse perpetual or future, numeraire a contract.',
  ).prefault('1'),
  inverse: z
    .boolean()
    .default(false)
    .register(z.globalRegistry, {
      description:
        'true: it settles in the coin. An inverse perpetual or future of q contracts has the profit ' +
        'q·c·(1/entry − 1/mark) in the coin and the notional |q|·c in the numeraire; an inverse option ' +
        'is quoted and entered in coin. false: profit q·c·(mark − entry), notional |q|·c·mark.',
    }),
  expiresAt: timeField('When it settles. Needed for a future and for an option.').optional(),
  strike: priceField(
    'K: numeraire a unit of the underlying. Needed for an option, and for nothing else.',
  ).optional(),
  optionType: z.enum(['call', 'put']).optional().register(z.globalRegistry, {
    description: 'Needed for an option, and for nothing else.',
  }),
  openInterest: openQuantityField(
    'Contracts open at the venue, counted once. Needed by a margin of type openInterest.',
  ).optional(),
  riskClass: idField('What it requires, and how its underlying moves.'),
  ...tradableFields,
});

type InstrumentRow = z.output<typeof instrumentShape>;

const NEEDED = {
  perpetual: [],
  future: ['expiresAt'],
  option: ['strike', 'expiresAt', 'optionType', 'markFeed'],
} as const satisfies Record<InstrumentRow['type'], readonly (keyof InstrumentRow)[]>;

/** Attributes that only some types may have. */
const RESERVED = {
  strike: ['option'],
  optionType: ['option'],
  forwardFeed: ['option'],
  settlementFeed: ['future', 'option'],
} as const satisfies { [Name in keyof InstrumentRow]?: readonly InstrumentRow['type'][] };

const withArticle = { perpetual: 'a perpetual', future: 'a future', option: 'an option' } as const;

export const instrumentAttributes = instrumentShape.superRefine((row, context) => {
  const { type } = row;
  const refuse = (name: string, message: string) =>
    context.addIssue({ code: 'custom', path: [name], message });
  for (const name of NEEDED[type]) {
    if (row[name] === undefined) refuse(name, `is needed for ${withArticle[type]}`);
  }
  for (const [name, types] of Object.entries(RESERVED)) {
    const isTheirs = types.some((each) => each === type);
    if (isTheirs || row[name as keyof typeof RESERVED] === undefined) continue;
    refuse(name, `is for ${types.map((each) => withArticle[each]).join(' or ')} only`);
  }
});
