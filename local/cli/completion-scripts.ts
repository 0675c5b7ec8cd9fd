/** Completion scripts. Words come from the command’s own declarations: no script has its own list. */
import type { CompletedCommand, CompletedOption } from './completion.ts';

/** For single quotes: what is between them has no meaning to a shell, but for ' itself. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const wordsOf = (commands: readonly CompletedCommand[]): string =>
  commands.map(({ name }) => name).join(' ');

export function bashScript(program: string, commands: readonly CompletedCommand[]): string {
  return `_${program}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${quoted(wordsOf(commands))} -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]} $before" in
${commands.flatMap(({ name, options }) => options.filter(({ takesValue }) => takesValue).map((option) => bashValue(name, option))).join('')}  esac
  case "\${COMP_WORDS[1]}" in
${commands.map(bashCommand).join('')}  esac
}
complete -o default -F _${program} ${program}
`;
}

/** Without words bash completes a file. */
function bashValue(command: string, { names, choices }: CompletedOption): string {
  const pattern = names.map((name) => quoted(`${command} ${name}`)).join(' | ');
  const words =
    choices.length === 0
      ? ''
      : `COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$word")); `;
  return `    ${pattern}) ${words}return ;;\n`;
}

function bashCommand({ name, options, choices }: CompletedCommand): string {
  const names = quoted(options.flatMap((option) => option.names).join(' '));
  const others =
    choices.length === 0
      ? ''
      : `else COMPREPLY=($(compgen -W ${quoted(choices.join(' '))} -- "$word")); `;
  return `    ${name}) if [[ "$word" == -* ]]; then COMPREPLY=($(compgen -W ${names} -- "$word")); ${others}fi ;;\n`;
}

export function zshScript(program: string, commands: readonly CompletedCommand[]): string {
  return `#compdef ${program}
_${program}() {
  local -a commands
  commands=(
${commands.map(({ name, about }) => `    ${quoted(`${name}:${about}`)}\n`).join('')}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(zshCommand).join('')}  esac
}
compdef _${program} ${program}
`;
}

function zshCommand({ name, options, choices }: CompletedCommand): string {
  const rest = choices.length === 0 ? "'*:file:_files'" : quoted(`*:value:(${choices.join(' ')})`);
  const specs = options.flatMap(zshOption).map((spec) => ` \\\n      ${quoted(spec)}`);
  return `    ${name}) _arguments${specs.join('')} \\\n      ${rest} ;;\n`;
}

/** Brackets and colons end a description. */
const zshText = (text: string): string => text.replace(/[[\]:\\]/g, (mark) => `\\${mark}`);

function zshOption({ names, about, takesValue, choices }: CompletedOption): string[] {
  const values = choices.length === 0 ? '_files' : `(${choices.join(' ')})`;
  const value = takesValue ? `:value:${values}` : '';
  return names.map((name) => `${name}[${zshText(about)}]${value}`);
}

export function fishScript(program: string, commands: readonly CompletedCommand[]): string {
  const first = commands.map(
    ({ name, about }) =>
      `complete -c ${program} -n __fish_use_subcommand -f -a ${name} -d ${fishQuoted(about)}\n`,
  );
  return `${first.join('')}${commands.map((command) => fishCommand(program, command)).join('')}`;
}

/** Between single quotes fish gives a meaning to \\ and ' only. */
const fishQuoted = (text: string): string => `'${text.replace(/[\\']/g, (mark) => `\\${mark}`)}'`;

function fishCommand(program: string, { name, options, choices }: CompletedCommand): string {
  const given = `complete -c ${program} -n '__fish_seen_subcommand_from ${name}'`;
  const words = choices.length === 0 ? '' : `${given} -f -a ${fishQuoted(choices.join(' '))}\n`;
  const lines = options.map(({ names, about, takesValue, choices: values }) => {
    const flags = names.map((flag) =>
      flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
    );
    const value = values.length === 0 ? '-r -F' : `-x -a ${fishQuoted(values.join(' '))}`;
    return `${given} ${flags.join(' ')}${takesValue ? ` ${value}` : ''} -d ${fishQuoted(about)}\n`;
  });
  return `${words}${lines.join('')}`;
}
