/** Imports of the sources, type imports included. Declarations (.d.ts) are no sources. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

export interface Source {
  /** From the root, such as `lambda/check.ts`. */
  readonly path: string;
  readonly text: string;
  /** Relative imports are paths from the root. */
  readonly imports: readonly string[];
}

export const readSources = (folders: readonly string[]): Source[] =>
  folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /(?<!\.d)\.ts$/.test(entry.name))
      .map((entry) => readSource(join(entry.parentPath, entry.name)))
      .sort((left, right) => (left.path < right.path ? -1 : 1)),
  );

function readSource(file: string): Source {
  const text = readFileSync(file, 'utf8');
  const modules = [...text.matchAll(/(?:from|import|import\() ?'([^']+)'/g)];
  const imports = modules.map(([, name = '']) =>
    name.startsWith('.') ? relative(ROOT, join(file, '..', name)) : name,
  );
  return { path: relative(ROOT, file), text, imports };
}

/** `lambda/margin/book/book.ts` → `margin/book`; a file directly in lambda stands alone. */
export function roomOf(path: string): string {
  const [, ...parts] = path.split('/');
  if (parts.length === 1) return parts[0] ?? '';
  return parts[0] === 'margin' ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

/** Files that import each other in a circle, each circle once. */
export function importCycles(sources: readonly Source[]): string[][] {
  const imports = new Map(sources.map((source) => [source.path, source.imports]));
  const done = new Set<string>();
  const cycles: string[][] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (done.has(path) || !imports.has(path)) return;
    const start = trail.indexOf(path);
    if (start >= 0) {
      cycles.push(trail.slice(start));
      return;
    }
    for (const next of imports.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) visit(path, []);
  return cycles;
}
