/** A browser installed on this machine. None is ever downloaded. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

export function findBrowser(environment = process.env): string | undefined {
  const { CHROME, PATH = '' } = environment;
  const folders = PATH.split(delimiter);
  const places = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...(CHROME ? [CHROME] : []), ...places].find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
