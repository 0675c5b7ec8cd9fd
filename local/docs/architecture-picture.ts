/**
 * Drawn from lambda's imports: each folder stands above all that it imports, without implied
 * arrows. `npm run schemas` writes it; a test compares.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, readSources, roomOf, type Source } from './import-graph.ts';

export const ARCHITECTURE_PICTURE = join(ROOT, 'docs', 'pictures', 'architecture.svg');

const WIDTH = 920;
const BOX = { width: 124, height: 34 };
const LAYER_HEIGHT = 74;
const MARGIN = 12;
const STOREY_GAP = 5;

/** Imported folders by folder. */
type Graph = ReadonlyMap<string, ReadonlySet<string>>;

interface Point {
  readonly x: number;
  readonly y: number;
}

const CORE = 'margin';
/** Small files that every folder may import; not drawn. */
const CONSTANTS = ['lambda/version.ts', 'lambda/config.ts'];

export function architecturePicture(sources: readonly Source[]): string {
  const drawn = sources.filter(({ path }) => !CONSTANTS.includes(path));
  const rooms = graphOf(drawn, (path) => roomOf(path).replace(/^margin\/.*/, CORE));
  const storeys = graphOf(
    sources.filter(({ path }) => path.startsWith('lambda/margin/')),
    (path) => roomOf(path).replace('margin/', ''),
  );
  const layers = layersOf(rooms);
  const height = layers.length * LAYER_HEIGHT + 2 * MARGIN;
  const places = new Map(
    layers.flatMap((layer, level) =>
      layer.map((name, column): [string, Point] => {
        const x = (WIDTH * (column + 1)) / (layer.length + 1);
        return [name, { x, y: height - MARGIN - (level + 0.5) * LAYER_HEIGHT }];
      }),
    ),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" font-family="system-ui,sans-serif" font-size="13" text-anchor="middle">`,
    '<title>The folders of lambda. Each imports only folders below it; the core imports nothing else.</title>',
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#6f8aa6"/></marker></defs>',
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...[...withoutImplied(rooms)].flatMap(([name, targets]) =>
      [...targets].map((target) => arrow(places.get(name), places.get(target), target)),
    ),
    ...[...places].map(([name, at]) => (name === CORE ? core(at, storeys) : box(name, at))),
    '</svg>\n',
  ].join('\n');
}

function graphOf(sources: readonly Source[], nodeOf: (path: string) => string): Graph {
  const graph = new Map<string, Set<string>>();
  for (const { path } of sources) graph.set(nodeOf(path), new Set());
  for (const { path, imports } of sources) {
    const node = nodeOf(path);
    for (const target of imports.filter((name) => name.startsWith('lambda/')).map(nodeOf)) {
      if (target !== node && graph.has(target)) graph.get(node)?.add(target);
    }
  }
  return graph;
}

/** 0 without imports; else one more than the highest import. */
function levelsOf(graph: Graph): Map<string, number> {
  const levels = new Map<string, number>();
  const levelOf = (name: string): number => {
    const known = levels.get(name);
    if (known !== undefined) return known;
    const level = Math.max(-1, ...[...(graph.get(name) ?? [])].map(levelOf)) + 1;
    levels.set(name, level);
    return level;
  };
  for (const name of graph.keys()) levelOf(name);
  return levels;
}

/** Lowest first, each in alphabetical order. */
function layersOf(graph: Graph): string[][] {
  const levels = levelsOf(graph);
  const byLevel = Array.from({ length: Math.max(...levels.values()) + 1 }, (_, level) =>
    [...levels.keys()].filter((name) => levels.get(name) === level),
  );
  return byLevel.map((layer) => layer.sort());
}

/** Drops the imports that a folder also reaches through another import. */
function withoutImplied(graph: Graph): Graph {
  const reaches = (from: string, to: string): boolean =>
    [...(graph.get(from) ?? [])].some((next) => next === to || reaches(next, to));
  return new Map(
    [...graph].map(([name, targets]) => [
      name,
      new Set([...targets].filter((to) => ![...targets].some((via) => reaches(via, to)))),
    ]),
  );
}

function arrow(from: Point | undefined, to: Point | undefined, target: string): string {
  if (from === undefined || to === undefined) return '';
  const start = from.y + BOX.height / 2;
  const end = to.y - BOX.height / 2 - 2;
  // The core is as wide as the picture: the arrow goes straight down.
  const x = target === CORE ? from.x : to.x;
  const middle = (start + end) / 2;
  return `<path d="M${at(from.x)} ${at(start)}C${at(from.x)} ${at(middle)} ${at(x)} ${at(middle)} ${at(x)} ${at(end)}" fill="none" stroke="#9fb4c9" stroke-width="1.5" marker-end="url(#tip)"/>`;
}

function box(name: string, { x, y }: Point): string {
  const [left, top] = [x - BOX.width / 2, y - BOX.height / 2];
  const fill = name.endsWith('.ts') ? '#fff' : '#e9f0f7';
  return (
    `<rect x="${at(left)}" y="${at(top)}" width="${BOX.width}" height="${BOX.height}" rx="6" fill="${fill}" stroke="#44617f"/>` +
    `<text x="${at(x)}" y="${at(y + 4.5)}" font-weight="600" fill="#1b2b3a">${name}</text>`
  );
}

/** The storeys side by side: each imports only from those to its left. */
function core({ y }: Point, storeys: Graph): string {
  const names = layersOf(storeys).flat();
  const left = MARGIN;
  const width = WIDTH - 2 * MARGIN;
  const top = y - BOX.height / 2;
  const each = (width - STOREY_GAP * (names.length + 1)) / names.length;
  const cells = names.map((name, index) => {
    const x = left + STOREY_GAP + index * (each + STOREY_GAP);
    return (
      `<rect x="${at(x)}" y="${at(top + 20)}" width="${at(each)}" height="24" rx="4" fill="#fff" stroke="#9fb4c9"/>` +
      `<text x="${at(x + each / 2)}" y="${at(top + 36)}" font-size="11" fill="#1b2b3a">${name}</text>`
    );
  });
  return [
    `<rect x="${left}" y="${at(top)}" width="${width}" height="50" rx="6" fill="#e9f0f7" stroke="#44617f"/>`,
    `<text x="${WIDTH / 2}" y="${at(top + 15)}" font-weight="600" fill="#1b2b3a">margin: the pure core</text>`,
    ...cells,
  ].join('\n');
}

const at = (value: number): string => value.toFixed(1);

if (process.argv[1] === import.meta.filename) {
  writeFileSync(ARCHITECTURE_PICTURE, architecturePicture(readSources(['lambda'])));
  console.log('docs/pictures/architecture.svg');
}
