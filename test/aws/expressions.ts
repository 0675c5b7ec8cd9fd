/**
 * DynamoDB's expressions: conditions, key conditions, filters, projections and updates.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
 */
import { type AttributeValue, DynamoDBServiceException } from '@aws-sdk/client-dynamodb';
import { compared, type Item, isEqual, summed, typeOf } from './attribute-value.ts';

export interface Placeholders {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Item | undefined;
}

/** An item as it may be, with what the placeholders stand for. */
interface Scope extends Placeholders {
  readonly item: Item;
}

type Condition = (scope: Scope) => boolean;
type Operand = (scope: Scope) => AttributeValue | undefined;
type Path = readonly (string | number)[];

/** The service's answer to what it does not take. */
export const refused = (message: string): DynamoDBServiceException =>
  new DynamoDBServiceException({
    name: 'ValidationException',
    message,
    $fault: 'client',
    $metadata: { httpStatusCode: 400 },
  });

/** The few expressions of a program are read once. */
function remembered<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text) ?? read(text);
    known.set(text, found);
    return found;
  };
}

export const conditionOf = remembered((text) => whole(text, (reader) => reader.condition()));
export const updateOf = remembered((text) => whole(text, (reader) => reader.update()));
export const projectionOf = remembered((text) => whole(text, (reader) => reader.paths()));

/** The partition that a key condition names. */
export const partitionSought = remembered((text) => whole(text, (reader) => reader.equalities()));

function whole<T>(text: string, read: (reader: Reader) => T): T {
  const reader = new Reader(text);
  const found = read(reader);
  reader.end();
  return found;
}

const TOKEN = /\s*([#:]?[A-Za-z_][\w-]*|\d+|<=|>=|<>|[-+=<>().,[\]])/y;

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/** Recursive descent; OR binds weakest, then AND, then NOT. */
class Reader {
  private readonly tokens: string[] = [];
  private place = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.trimEnd().length) {
      const [, token] = TOKEN.exec(text) ?? [];
      if (token === undefined) throw refused(`Invalid expression: ${text}`);
      this.tokens.push(token);
    }
  }

  end(): void {
    if (this.place < this.tokens.length) this.refuse();
  }

  private refuse(): never {
    throw refused(`Invalid expression: Syntax error; token: ${this.tokens[this.place] ?? '<EOF>'}`);
  }

  private get next(): string {
    return this.tokens[this.place] ?? '';
  }

  private take(): string {
    if (this.place === this.tokens.length) this.refuse();
    return this.tokens[this.place++] as string;
  }

  private takes(word: string): boolean {
    const isNext = this.next.toUpperCase() === word;
    if (isNext) this.place++;
    return isNext;
  }

  private expect(word: string): void {
    if (!this.takes(word)) this.refuse();
  }

  private listOf<T>(read: () => T): T[] {
    const all = [read()];
    while (this.takes(',')) all.push(read());
    return all;
  }

  condition(): Condition {
    const all = [this.conjunction()];
    while (this.takes('OR')) all.push(this.conjunction());
    return all.length === 1 ? (all[0] as Condition) : (at) => all.some((each) => each(at));
  }

  private conjunction(): Condition {
    const all = [this.negation()];
    while (this.takes('AND')) all.push(this.negation());
    return all.length === 1 ? (all[0] as Condition) : (at) => all.every((each) => each(at));
  }

  private negation(): Condition {
    if (this.takes('NOT')) {
      const denied = this.negation();
      return (at) => !denied(at);
    }
    if (this.takes('(')) {
      const inner = this.condition();
      this.expect(')');
      return inner;
    }
    return this.test();
  }

  private test(): Condition {
    const name = this.next.toLowerCase();
    if (this.tokens[this.place + 1] === '(' && name !== 'size') return this.function(name);
    const left = this.operand();
    if (this.takes('BETWEEN')) return this.between(left);
    if (this.takes('IN')) return this.among(left);
    const operator = this.take();
    const right = this.operand();
    if (operator === '=') return both(left, right, isEqual);
    if (operator === '<>') return (at) => !both(left, right, isEqual)(at);
    const holds = COMPARISONS[operator] ?? this.refuse();
    return both(left, right, (one, other) => {
      const order = compared(one, other);
      return order !== undefined && holds(order);
    });
  }

  private between(value: Operand): Condition {
    const low = this.operand();
    this.expect('AND');
    const high = this.operand();
    const isOrdered = both(low, high, (from, to) => {
      if ((compared(from, to) ?? 0) <= 0) return true;
      throw refused(
        'The BETWEEN operator requires upper bound to be greater than or equal to lower bound',
      );
    });
    const isNotBelow = both(low, value, isNotAbove);
    const isBelowHigh = both(value, high, isNotAbove);
    return (at) => isOrdered(at) && isNotBelow(at) && isBelowHigh(at);
  }

  private among(value: Operand): Condition {
    this.expect('(');
    const all = this.listOf(() => both(value, this.operand(), isEqual));
    this.expect(')');
    return (at) => all.some((each) => each(at));
  }

  private function(name: string): Condition {
    this.place += 2;
    const path = this.path();
    const found: Operand = ({ item, ...names }) => valueAt(item, path, names);
    const second = this.takes(',') ? this.operand() : undefined;
    this.expect(')');
    if (name === 'attribute_exists') return (at) => found(at) !== undefined;
    if (name === 'attribute_not_exists') return (at) => found(at) === undefined;
    if (second === undefined) return this.refuse();
    if (name === 'attribute_type') return both(found, second, (one, { S }) => typeOf(one) === S);
    if (name === 'begins_with') return both(found, second, beginsWith);
    if (name === 'contains') return both(found, second, contains);
    return this.refuse();
  }

  private operand(): Operand {
    const name = this.next;
    if (name.startsWith(':')) {
      this.place++;
      return ({ ExpressionAttributeValues: values }) => valueNamed(name, values);
    }
    if (name.toLowerCase() === 'size' && this.tokens[this.place + 1] === '(') {
      this.place += 2;
      const path = this.path();
      this.expect(')');
      return ({ item, ...names }) => sizeOf(valueAt(item, path, names));
    }
    const path = this.path();
    return ({ item, ...names }) => valueAt(item, path, names);
  }

  private path(): Path {
    const path: (string | number)[] = [this.name()];
    while (true) {
      if (this.takes('.')) path.push(this.name());
      else if (this.takes('[')) {
        path.push(Number(this.take()));
        this.expect(']');
      } else return path;
    }
  }

  private name(): string {
    const name = this.take();
    return /^#?[A-Za-z_]/.test(name) ? name : this.refuse();
  }

  paths(): Path[] {
    return this.listOf(() => this.path());
  }

  /** `a = :b AND …` gives the placeholder of each attribute that must be equal to it. */
  equalities(): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (const [place, token] of this.tokens.entries()) {
      if (token === '=') {
        found.set(this.tokens[place - 1] as string, this.tokens[place + 1] as string);
      }
    }
    this.place = this.tokens.length;
    return found;
  }

  update(): Update {
    const steps: Step[] = [];
    while (this.place < this.tokens.length) {
      const clause = this.take().toUpperCase();
      if (clause === 'SET') steps.push(...this.listOf(() => this.assignment()));
      else if (clause === 'REMOVE') steps.push(...this.paths().map(removal));
      else if (clause === 'ADD') steps.push(...this.listOf(() => this.addition()));
      else this.refuse();
    }
    return (scope) => steps.reduce((item, step) => step(item, scope), scope.item);
  }

  private assignment(): Step {
    const path = this.path();
    this.expect('=');
    const first = this.value();
    const sign = this.takes('+') ? 1 : this.takes('-') ? -1 : undefined;
    const second = sign && this.value();
    return (item, scope) => {
      const value = first(scope);
      const added = second?.(scope);
      if (value === undefined || (second && added === undefined)) {
        throw refused(
          'The provided expression refers to an attribute that does not exist in the item',
        );
      }
      const sum = sign && added ? { N: summed(numberIn(value), numberIn(added), sign) } : value;
      return withValue(item, path, { ...scope, value: sum });
    };
  }

  private value(): Operand {
    if (!(this.next.toLowerCase() === 'if_not_exists')) return this.operand();
    this.place++;
    this.expect('(');
    const path = this.path();
    this.expect(',');
    const otherwise = this.operand();
    this.expect(')');
    return (scope) => valueAt(scope.item, path, scope) ?? otherwise(scope);
  }

  private addition(): Step {
    const path = this.path();
    const by = this.operand();
    return (item, scope) => {
      const before = valueAt(item, path, scope) ?? { N: '0' };
      const value = { N: summed(numberIn(before), by(scope)?.N ?? '', 1) };
      return withValue(item, path, { ...scope, value });
    };
  }
}

function numberIn({ N }: AttributeValue): string {
  if (N !== undefined) return N;
  throw refused('An operand in the update expression has an incorrect data type');
}

/** All values are those before the update. */
type Step = (item: Item, scope: Scope) => Item;
export type Update = (scope: Scope) => Item;

const removal =
  (path: Path): Step =>
  (item, scope) =>
    withValue(item, path, { ...scope, value: undefined });

function withValue(
  item: Item,
  path: Path,
  { value, ...names }: Placeholders & { readonly value: AttributeValue | undefined },
): Item {
  if (path.length !== 1) throw new Error('updates of nested attributes are not simulated');
  const { [nameOf(path[0] as string, names)]: _, ...rest } = item;
  return value === undefined ? rest : { ...rest, [nameOf(path[0] as string, names)]: value };
}

const isNotAbove = (left: AttributeValue, right: AttributeValue): boolean =>
  (compared(left, right) ?? 1) <= 0;

const both =
  (
    left: Operand,
    right: Operand,
    holds: (one: AttributeValue, other: AttributeValue) => boolean,
  ): Condition =>
  (at) => {
    const [one, other] = [left(at), right(at)];
    return one !== undefined && other !== undefined && holds(one, other);
  };

export function nameOf(name: string, { ExpressionAttributeNames: names }: Placeholders): string {
  if (!name.startsWith('#')) return name;
  const found = names?.[name];
  if (found !== undefined) return found;
  throw refused(
    `An expression attribute name used in the document path is not defined; attribute name: ${name}`,
  );
}

export function valueNamed(name: string, values: Item | undefined): AttributeValue {
  const found = values?.[name];
  if (found !== undefined) return found;
  throw refused(
    `An expression attribute value used in expression is not defined; attribute value: ${name}`,
  );
}

function valueAt(item: Item, path: Path, names: Placeholders): AttributeValue | undefined {
  let value: AttributeValue | undefined = { M: item as Record<string, AttributeValue> };
  for (const step of path) {
    value = typeof step === 'number' ? value?.L?.[step] : value?.M?.[nameOf(step, names)];
  }
  return value;
}

function beginsWith(value: AttributeValue, start: AttributeValue): boolean {
  if (value.S !== undefined && start.S !== undefined) return value.S.startsWith(start.S);
  if (value.B === undefined || start.B === undefined) return false;
  return Buffer.compare(value.B.subarray(0, start.B.length), start.B) === 0;
}

function contains(value: AttributeValue, part: AttributeValue): boolean {
  if (value.S !== undefined) return part.S !== undefined && value.S.includes(part.S);
  if (value.L !== undefined) return value.L.some((each) => isEqual(each, part));
  return (part.S !== undefined && value.SS?.includes(part.S)) || false;
}

function sizeOf(value: AttributeValue | undefined): AttributeValue | undefined {
  if (value === undefined) return undefined;
  const { S, B, L, M, SS, NS } = value;
  if (S !== undefined) return { N: String(Buffer.byteLength(S)) };
  const counted = B ?? L ?? SS ?? NS ?? (M && Object.keys(M));
  return counted && { N: String(counted.length) };
}

/** The attributes named; all without a projection. */
export function projected(
  item: Item,
  paths: readonly Path[] | undefined,
  names: Placeholders,
): Item {
  if (paths === undefined) return item;
  const found = paths.flatMap((path) => {
    if (path.length !== 1) throw new Error('projections of nested attributes are not simulated');
    const name = nameOf(path[0] as string, names);
    return item[name] === undefined ? [] : [[name, item[name]] as const];
  });
  return Object.fromEntries(found);
}
