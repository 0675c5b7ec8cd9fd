/** What a report is made of: words, figures, charts and tables. `renderReport` makes a page of it. */
import type { PlotOptions } from '@observablehq/plot';
import type { Glyph, Tone } from './tones.ts';

export interface Report {
  readonly title: string;
  /** One paragraph: what was run, and what came of it. */
  readonly lead: string;
  /** The figures that a reader takes away, most important first. */
  readonly facts: readonly Fact[];
  readonly sections: readonly Section[];
}

export interface Fact {
  readonly label: string;
  /** Formatted, with its unit. */
  readonly value: string;
  readonly note?: string | undefined;
}

export interface Section {
  readonly title: string;
  /** One entry a paragraph. */
  readonly prose: readonly string[];
  readonly charts?: readonly Chart[];
  readonly tables?: readonly Table[];
}

/** The first column reads from the left, all others from the right unless they are named. */
export interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  /** Formatted. */
  readonly rows: readonly (readonly string[])[];
  /** Columns of words beyond the first, by index. */
  readonly wordColumns?: readonly number[];
}

/** Made by the builders in charts/; nothing in it is markup. */
export interface Chart {
  readonly title: string;
  /** What the chart shows, in one sentence with the numbers in it; or why there is none. */
  readonly reading: string;
  readonly legend: readonly LegendEntry[];
  /** Absent when there is nothing to draw. */
  readonly plot?: ((frame: Frame) => PlotOptions) | undefined;
  readonly table?: Table | undefined;
}

export interface LegendEntry {
  readonly label: string;
  readonly glyph: Glyph;
  readonly tone: Tone;
}

/** The space that a chart is drawn for, in CSS pixels: a page or a phone. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly isNarrow: boolean;
}

/** A chart that has nothing to show says so. */
export const emptyChart = (title: string, reading: string): Chart => ({
  title,
  reading,
  legend: [],
});
