/**
 * `npm run test:report`: reports in a real browser. Opens a short demo’s report and the fixture
 * with all charts, on a page, on a phone and on paper, and keeps screenshots for a person to look
 * at.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import puppeteer from 'puppeteer-core';
import { renderReport } from '../../local/report/render-report.ts';
import { FIXTURE_REPORT } from '../local/report/fixture.ts';
import { findBrowser } from './browser.ts';
import { faultsOfPage, VIEWS } from './inspect.ts';

const DEMO = [
  'local/demo/main.ts',
  '--hours',
  '10-11',
  '--accounts',
  '80',
  '--seed',
  '5',
  '--compare',
];

async function reportFiles(folder: string): Promise<string[]> {
  const [demo, fixture] = [join(folder, 'demo.html'), join(folder, 'fixture.html')];
  await promisify(execFile)(process.execPath, [...DEMO, '--report', demo]);
  await writeFile(fixture, renderReport(FIXTURE_REPORT));
  return [demo, fixture];
}

async function main(): Promise<void> {
  const executablePath = findBrowser();
  if (executablePath === undefined) {
    console.error('no browser: install Debian’s chromium, or name one in $CHROME');
    process.exitCode = 2;
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'margin-report-'));
  const files = await reportFiles(folder);
  const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  const browser = await puppeteer.launch({ executablePath, args });
  try {
    for (const file of files) {
      for (const view of VIEWS) {
        const faults = await faultsOfPage(browser, { file, view });
        console.log(`${faults.length === 0 ? 'ok  ' : 'FAIL'} ${view.name} of ${file}`);
        for (const fault of faults) console.log(`     ${fault}`);
        if (faults.length > 0) process.exitCode = 1;
      }
    }
  } finally {
    await browser.close();
  }
  console.log(`pictures in ${folder}`);
}

await main();
