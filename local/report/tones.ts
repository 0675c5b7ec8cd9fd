/**
 * Both sets keep a contrast of 4.5 : 1 to the background and stay distinct for readers who cannot
 * tell red from green (after Okabe and Ito). Each tone has its own glyph or dash, so colour never
 * carries meaning alone.
 */
export const TONES = {
  ink: { light: '#1b2430', dark: '#e6ebf1' },
  muted: { light: '#5a6675', dark: '#9aa7b6' },
  blue: { light: '#0a63ad', dark: '#6db6f7' },
  orange: { light: '#a85700', dark: '#f0a63a' },
  red: { light: '#b3202c', dark: '#ff8078' },
  purple: { light: '#6b3aa0', dark: '#c9a4ff' },
  teal: { light: '#00705a', dark: '#45c9a6' },
} as const;

export type Tone = keyof typeof TONES;

export type Glyph = 'line' | 'dashed' | 'dotted' | 'band' | 'bar' | MarkSymbol;
export type MarkSymbol = 'circle' | 'triangle' | 'diamond' | 'cross';

/** Follows the reader's light or dark preference. */
export const paint = (tone: Tone | 'page'): string => `var(--${tone})`;

export const DASHES = { line: 'none', dashed: '7 4', dotted: '2 4' } as const;
