/** The published schemas, and a validator that is no part of the check. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** The part of a schema that the rules look at. */
export interface RowSchema {
  readonly properties: Readonly<Record<string, PropertySchema>>;
}

export interface PropertySchema {
  readonly type?: string;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly PropertySchema[];
  readonly oneOf?: readonly PropertySchema[];
  readonly properties?: Readonly<Record<string, PropertySchema>>;
  readonly items?: PropertySchema;
}

const FOLDER = join(import.meta.dirname, '../../docs/schemas');

export class PublishedSchema {
  readonly schema: RowSchema;
  private validate: ValidateFunction | undefined;

  constructor(file: string) {
    this.schema = JSON.parse(readFileSync(file, 'utf8'));
  }

  /** One line; undefined if the value fits. The first call takes a while. */
  faultIn(value: unknown): string | undefined {
    this.validate ??= new Ajv2020({ strict: false, validateFormats: false }).compile(this.schema);
    if (this.validate(value)) return undefined;
    const [error] = this.validate.errors ?? [];
    return `${error?.instancePath ?? ''} ${error?.message ?? ''}`.trim();
  }
}

/** By the name of the file, without its ending. */
export const publishedIn = (folder: 'rows' | 'messages'): ReadonlyMap<string, PublishedSchema> =>
  new Map(
    readdirSync(join(FOLDER, folder)).map((file) => [
      file.replace('.json', ''),
      new PublishedSchema(join(FOLDER, folder, file)),
    ]),
  );
