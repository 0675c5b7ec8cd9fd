/** Draws SVG text without a browser, so that the page needs no script. */
import { type PlotOptions, plot } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import type { Frame } from './report.ts';

/** Page and phone; a shrunk drawing is unreadable. */
export const FRAMES = {
  wide: { width: 880, height: 330, isNarrow: false },
  narrow: { width: 340, height: 290, isNarrow: true },
} as const satisfies Record<string, Frame>;

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** Without the enclosing `svg`. */
  readonly content: string;
}

const { document } = parseHTML('<!doctype html><html><body></body></html>');

export function draw(options: PlotOptions): Drawing {
  const svg = plot({ ...options, document });
  for (const style of svg.querySelectorAll('style')) style.remove();
  const [width, height] = ['width', 'height'].map((name) => Number(svg.getAttribute(name)));
  return { width: width ?? 0, height: height ?? 0, content: withoutExcess(svg.innerHTML) };
}

/** No screen or printer shows more than 0.01 pixels. */
const withoutExcess = (markup: string): string =>
  markup.replace(/<[^>]+>/g, (tag) =>
    tag.replace(/-?\d+\.\d{3,}/g, (digits) => String(Number(Number(digits).toFixed(2)))),
  );
