/** The worker answers whichever question it is asked. */
import { type ReaderResources, readPart } from '../accounts/read-part.ts';
import { isScanQuestion } from '../accounts/scan-answer.ts';
import { type ScannerResources, scanPart } from '../accounts/scan-part.ts';
import { CertifierOfPart } from './certified-part.ts';

type Resources = ReaderResources & Omit<ScannerResources, 'certifierAt'>;

const certifierAt: ScannerResources['certifierAt'] = (market) => new CertifierOfPart(market);

/** @throws Error unless it is a question of this version */
export const answerQuestion = (event: unknown, resources: Resources): Promise<object> =>
  isScanQuestion(event)
    ? scanPart(event, { ...resources, certifierAt })
    : readPart(event, resources);
