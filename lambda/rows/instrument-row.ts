import {
  described,
  fractionField,
  idField,
  openQuantityField,
  priceField,
  signedAmountField,
  signedRatioField,
  sizeField,
  timeField,
} from './fields.ts';
import { tradableFields } from './tradable.ts';
import * as z from './zod.ts';

const instrumentShape = z.strictObject({
  type: described(
    z.enum(['perpetual', 'future', 'option']),
    'perpetual: no expiry, pays funding. future: settles at expiresAt. option: European, settles ' +
      'at expiresAt for max(S − K, 0) if a call, max(K − S, 0) if a put.',
  ),
  underlying: idField('Feed of the underlying, in numeraire per unit: the risk factor.'),
  markFeed: z.optional(
    idField(
      'Feed of its own price, if that is not the price of the underlying. Needed for an ' +
        'option: its quotes give its price, its impliedVolatility or both. The price of an ' +
        'option is in numeraire per unit of the underlying; that of an inverse option, in ' +
        'coin per unit.',
    ),
  ),
  forwardFeed: z.optional(
    idField(
      'For an option: feed of the forward F of its expiry, in numeraire per unit. Without ' +
        'it F = S·e^{r·T}, with r the rate of its class.',
    ),
  ),
  settlementFeed: z.optional(
    idField(
      'For a future or an option: feed of its settlement price. After expiry a quote ' +
        'published at or after expiresAt is used, whatever its age. Before expiry none is ' +
        'read. Not an underlying or a mark, which moves on after expiry.',
    ),
  ),
  rate: z.optional(
    signedRatioField(
      'For an option: r of its expiry, annual and continuously compounded. By default the ' +
        'interestRate that is quoted on its forwardFeed, which counts before this, or the rate of ' +
        'its class. Where the class discounts gains or losses, all options of an expiry ' +
        'that an account holds need the same.',
    ),
  ),
  fixedForward: z.optional(
    priceField(
      'For an option or a future: the part of its forward, in numeraire per unit, that is fixed ' +
        'already and that no scenario moves; at most the forward. Replaces the class’s ' +
        'settlementWindowSeconds.',
    ),
  ),
  fixedForwardShare: z.optional(
    fractionField('The same as a share of the forward; instead of fixedForward.'),
  ),
  lossArray: described(
    z.optional(z.array(signedAmountField('Numeraire per long contract; negative for a gain.'))),
    'Losses of one long contract in each row of its class’s scenarios, in their order, instead of ' +
      'a model: a published risk array. Its portfolio may have no rule by expiry, such as ' +
      'discounts, skews or expiryCharges, and no two rows that differ in their weight alone. The ' +
      'row without a move, if there is one, has 0.',
  ),
  settlementAsset: idField(
    'Asset that it settles in and that its isolated margin is held in; the coin if it is ' +
      'inverse.',
  ),
  contractSize: z.prefault(
    sizeField(
      'c: units of the underlying per contract; numeraire per contract for an inverse ' +
        'perpetual or future.',
    ),
    '1',
  ),
  inverse: described(
    z._default(z.boolean(), false),
    'true: settles in the coin. An inverse perpetual or future of q contracts has the ' +
      'profit q·c·(1/entry − 1/mark) in the coin and the notional |q|·c in the ' +
      'numeraire; an inverse option is quoted and entered in coin. false: profit ' +
      'q·c·(mark − entry), notional |q|·c·mark.',
  ),
  expiresAt: z.optional(timeField('When it settles. Needed for a future and for an option.')),
  strike: z.optional(
    priceField(
      'K, in numeraire per unit of the underlying. Needed for an option, and only allowed ' +
        'there.',
    ),
  ),
  optionType: described(
    z.optional(z.enum(['call', 'put'])),
    'Needed for an option, and only allowed there.',
  ),
  payout: z.optional(
    priceField(
      'Makes a perpetual or future a binary contract: the most that it is worth, in numeraire per ' +
        'unit of the underlying, such as 1. A short then requires margin on |q|·c·max(payout − mark, ' +
        '0), a long on q·c·mark; of the outcomes of open orders the one counts that requires more. ' +
        'Not for an inverse contract, nor in a class with notionalAt entry, nor on a portfolio ' +
        'without a lossArray.',
    ),
  ),
  openInterest: z.optional(
    openQuantityField(
      'Contracts open at the venue, counted once. Needed for a margin of type openInterest.',
    ),
  ),
  netProfit: z.optional(
    signedAmountField(
      'For a perpetual or future: unrealised profits of all accounts in it less their losses, in the ' +
        'numeraire; negative for a loss. Needed where its class has an imbalanceStart.',
    ),
  ),
  riskClass: idField('Class that sets its requirement and how its underlying moves.'),
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
  rate: ['option'],
  fixedForward: ['future', 'option'],
  fixedForwardShare: ['future', 'option'],
  payout: ['perpetual', 'future'],
  netProfit: ['perpetual', 'future'],
} as const satisfies { [Name in keyof InstrumentRow]?: readonly InstrumentRow['type'][] };

const withArticle = { perpetual: 'a perpetual', future: 'a future', option: 'an option' } as const;

export const instrumentAttributes = instrumentShape.check(
  z.superRefine((row, context) => {
    const { type } = row;
    const refuse = (name: string, message: string) =>
      context.addIssue({ code: 'custom', path: [name], message });
    for (const name of NEEDED[type]) {
      if (row[name] === undefined) refuse(name, `is needed for ${withArticle[type]}`);
    }
    if (row.fixedForward !== undefined && row.fixedForwardShare !== undefined) {
      refuse('fixedForwardShare', 'must not be there with fixedForward');
    }
    if (row.inverse && row.payout !== undefined) refuse('payout', 'is not for an inverse contract');
    for (const [name, types] of Object.entries(RESERVED)) {
      const isTheirs = types.some((each) => each === type);
      if (isTheirs || row[name as keyof typeof RESERVED] === undefined) continue;
      refuse(name, `is for ${types.map((each) => withArticle[each]).join(' or ')} only`);
    }
  }),
);
