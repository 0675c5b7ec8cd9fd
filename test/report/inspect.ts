/** Faults of a report as a browser shows it. */
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';

export interface View {
  readonly name: string;
  readonly width: number;
  readonly scheme: 'light' | 'dark';
  readonly isPaper: boolean;
}

export const VIEWS: readonly View[] = [
  { name: 'page-light', width: 1280, scheme: 'light', isPaper: false },
  { name: 'page-dark', width: 1280, scheme: 'dark', isPaper: false },
  { name: 'phone-light', width: 360, scheme: 'light', isPaper: false },
  { name: 'phone-dark', width: 360, scheme: 'dark', isPaper: false },
  { name: 'paper', width: 794, scheme: 'dark', isPaper: true },
];

interface Visit {
  readonly file: string;
  readonly view: View;
}

export async function faultsOfPage(browser: Browser, { file, view }: Visit): Promise<string[]> {
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on('console', (message) => faults.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error}`));
  page.on('request', (request) => {
    if (!request.url().startsWith('file:')) faults.push(`request: ${request.url()}`);
  });
  page.on('requestfailed', (request) => faults.push(`failed: ${request.url()}`));
  await show(page, view);
  await page.goto(pathToFileURL(file).href);
  faults.push(...((await page.evaluate(inspectionOf(view))) as string[]));
  await picture(page, { file, view });
  await page.close();
  return faults;
}

async function show(page: Page, { width, scheme, isPaper }: View): Promise<void> {
  await page.setViewport({ width, height: 900, deviceScaleFactor: width < 600 ? 2 : 1 });
  // Both in one call, as Puppeteer’s own two calls undo each other.
  const session = await page.createCDPSession();
  await session.send('Emulation.setEmulatedMedia', {
    media: isPaper ? 'print' : 'screen',
    features: [{ name: 'prefers-color-scheme', value: scheme }],
  });
}

async function picture(page: Page, { file, view }: Visit): Promise<void> {
  const path = file.replace(/\.html$/, `-${view.name}`);
  await page.screenshot({ path: `${path}.png`, fullPage: true });
  if (view.isPaper) await page.pdf({ path: `${path}.pdf`, preferCSSPageSize: true });
}

/** Runs in the page, as text, since the types of a browser are not those of Node. */
const inspectionOf = ({ isPaper, scheme }: View): string => `(() => {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth)
    faults.push('the page is ' + root.scrollWidth + ' px wide in ' + root.clientWidth);
  if (matchMedia('print').matches !== ${isPaper}) faults.push('shown on the wrong medium');
  if (!matchMedia('(prefers-color-scheme: ${scheme})').matches) faults.push('in the wrong scheme');
  const light = ${isPaper || scheme === 'light'};
  const background = getComputedStyle(document.body).backgroundColor;
  if ((background === 'rgb(255, 255, 255)') !== light) faults.push('background ' + background);
  for (const figure of document.querySelectorAll('figure')) {
    const name = figure.querySelector('h3')?.textContent ?? 'a figure without a title';
    const fault = (text) => faults.push(name + ': ' + text);
    if (!figure.querySelector('figcaption p')?.textContent) fault('no reading');
    if (figure.classList.contains('empty')) continue;
    const shown = [...figure.querySelectorAll('svg.chart')].filter((svg) => svg.getClientRects().length);
    if (shown.length !== 1) { fault(shown.length + ' drawings are shown'); continue; }
    const [svg] = shown;
    const marks = svg.querySelectorAll('[aria-label=line] path, [aria-label=dot] *, [aria-label=bar] rect, [aria-label=rect] rect');
    if (marks.length === 0) fault('no marks');
    if (/NaN|undefined|Infinity/.test(svg.outerHTML)) fault('a mark without a place');
    const edge = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll('text')) {
      const box = text.getBoundingClientRect();
      if (box.left < edge.left - 1 || box.right > edge.right + 1 || box.bottom > edge.bottom + 1 || box.top < edge.top - 1)
        fault('beyond the edge: ' + text.textContent);
    }
    const legend = figure.querySelector('.legend')?.getBoundingClientRect();
    if (legend && legend.bottom > edge.top) fault('the legend covers the drawing');
    for (const axis of svg.querySelectorAll('[aria-label$="tick label"]')) {
      const boxes = [...axis.querySelectorAll('text')].map((text) => text.getBoundingClientRect());
      for (const [index, box] of boxes.entries()) for (const other of boxes.slice(index + 1))
        if (box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom)
          fault('labels of an axis overlap');
    }
  }
  if (document.querySelector('script, link, iframe, img, object')) faults.push('something to load');
  return faults;
})()`;
