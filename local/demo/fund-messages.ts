/**
 * What the venue reads of the messages about the insurance fund, whatever else they say. Narrower
 * than their contract on purpose: the venue needs no more.
 */
import * as z from 'zod';

const decimalText = z.string().regex(/^\d+(\.\d+)?$/);

const fundDrawn = z.object({
  type: z.literal('fund.drawn'),
  id: z.string(),
  accountId: z.string(),
  position: z.string().optional(),
  drawn: decimalText,
});

const share = z.object({ accountId: z.string(), amount: decimalText });

const lossSocialized = z.object({
  type: z.literal('loss.socialized'),
  id: z.string(),
  method: z.literal('haircut'),
  shares: z.array(share),
});

const fundMessage = z.discriminatedUnion('type', [fundDrawn, lossSocialized]);

export type FundMessage = z.infer<typeof fundMessage>;
export type FundDrawn = z.infer<typeof fundDrawn>;
export type LossShare = z.infer<typeof share>;

/** @returns undefined for a message about something else. @throws ZodError for a malformed one. */
export function readFundMessage(body: string): FundMessage | undefined {
  const document = JSON.parse(body) as { readonly type?: unknown; readonly method?: unknown };
  const isFunds =
    document.type === 'fund.drawn' ||
    (document.type === 'loss.socialized' && document.method === 'haircut');
  return isFunds ? fundMessage.parse(document) : undefined;
}
