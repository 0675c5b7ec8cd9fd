import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runMargin } from './margin.ts';

let bash: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'margin-completion-'));
  ({ out: bash } = await runMargin(undefined, 'completion', 'bash'));
});

afterAll(() => rm(folder, { recursive: true }));

/** What bash offers for the last of the words. */
function offered(...words: readonly string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _margin; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['-c', `${bash}\n${ask}`], { encoding: 'utf8' });
  return out.split('\n').filter((word) => word !== '');
}

describe('completion in bash', () => {
  it('offers the commands', () => {
    expect(offered('margin', 'ba')).toEqual(['backtest']);
    expect(offered('margin', '')).toEqual(expect.arrayContaining(['assess', 'stress', 'status']));
  });

  it('offers the options of a command, and of no other', () => {
    expect(offered('margin', 'backtest', '--pr')).toEqual(['--prices']);
    expect(offered('margin', 'stress', '--pr')).toEqual([]);
  });

  it('offers the choices of an option', () => {
    expect(offered('margin', 'backtest', '--side', '')).toEqual(['long', 'short', 'both']);
    expect(offered('margin', 'completion', 'z')).toEqual(['zsh']);
  });

  it('leaves files to bash', () => {
    expect(offered('margin', 'backtest', '--prices', '')).toEqual([]);
    expect(bash).toContain('complete -o default -F _margin margin');
  });
});

const hasShell = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

describe.each(['bash', 'zsh', 'fish'])('the script for %s', (shell) => {
  it('names every command and the options of one', async () => {
    const { code, out } = await runMargin(undefined, 'completion', shell);
    expect(code).toBe(0);
    for (const word of ['assess', 'backtest', 'simulate', 'stress', 'watch', 'completion']) {
      expect(out).toContain(word);
    }
    expect(out).toMatch(/(--|-l )confidence/);
    if (!hasShell(shell)) return;
    const file = join(folder, `margin.${shell}`);
    await writeFile(file, out);
    const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

it('another shell is refused in one line', async () => {
  const { code, err } = await runMargin(undefined, 'completion', 'tcsh');
  expect(code).toBe(2);
  expect(err).toMatch(/^error: command-argument value 'tcsh' is invalid.*bash, zsh, fish\.\n$/);
});
