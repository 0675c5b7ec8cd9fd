import type { PlotOptions } from '@observablehq/plot';
import type { Glyph, Tone } from './tones.ts';

export interface Report {
  readonly title: string;
  readonly verdict: Verdict;
  /** One paragraph: the setting. */
  readonly lead: string;
  /** Most important first. */
  readonly facts: readonly Fact[];
  readonly sections: readonly Section[];
}

/** The answer, in one sentence. The tone only underlines what the sentence says. */
export interface Verdict {
  readonly tone: 'good' | 'caution' | 'bad';
  readonly text: string;
}

export interface Fact {
  readonly label: string;
  /** Formatted, with its unit. */
  readonly value: string;
  readonly note?: string | undefined;
}

export interface Section {
  readonly title: string;
  readonly prose: readonly string[];
  readonly charts?: readonly Chart[];
  readonly tables?: readonly Table[];
}

/**
 * The first column is aligned left, the others right. Most important rows first: a long table shows
 * the first ones and folds the rest.
 */
export interface Table {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Further text columns, by index, also aligned left. */
  readonly wordColumns?: readonly number[];
}

/** Holds no markup. */
export interface Chart {
  readonly title: string;
  /** One sentence with numbers, or why nothing is drawn. */
  readonly reading: string;
  readonly legend: readonly LegendEntry[];
  readonly plot?: ((frame: Frame) => PlotOptions) | undefined;
  readonly table?: Table | undefined;
}

export interface LegendEntry {
  readonly label: string;
  readonly glyph: Glyph;
  readonly tone: Tone;
}

/** In CSS pixels. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly isNarrow: boolean;
}

export const emptyChart = (title: string, reading: string): Chart => ({
  title,
  reading,
  legend: [],
});
