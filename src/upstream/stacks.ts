/** Before frames, line breaks and indentation may be escaped, as in JSON, or those of HTML. */
const writtenBreak =
  /(?:(?:\\r)?\\n|<br ?\/?>)(?:\\t|&nbsp;|&#9;|[ \t]){0,40}(?=at |\.{3} \d|File "|from |goroutine \d|#\d)/gi;

/** Begins a stack whose frames are indented or numbered. */
const stackHeader =
  /^(.{0,2000}?)\b(?:(?:call |native )?stack ?(?:back)?trace(?:back)?|call stack|backtrace|(?:exception group )?traceback(?: \(most recent call (?:last|first)\))?):\s*$/i;

/** A frame below {@link stackHeader}, without the margin of an exception group. */
const indentedOrNumbered = /^(?:\s|#?\d+[.:]?\s|$)/;

const sourceFile = String.raw`\.(?:rs|[cm]?[jt]sx?|pyx?|java|kt|scala|go|s|c|cc|cpp|h|cs|rb|php|p[lm]|lua|exs?|erl|dart|swift|clj|groovy)`;

/** Frames that fill a line, also below no header. */
const lineFrames: readonly RegExp[] = [
  // Java, .NET, JavaScript: `at callee(…)`, `at callee (…)`.
  /^(?:at|在) (?:(?:async |new )\S+|[^\s()]*[.$<_:][^\s()]*|eval)(?: \[as \S+\])? ?\(.*\)(?: (?:in|位置) .+)?$/,
  new RegExp(String.raw`^at (?:async )?(?:\S.*${sourceFile}:\d+|\S*[/\\<:].*:\d+:\d+)$`),
  /^at \d+\s+\S+\s+0x[\da-f]+ /,
  /^-{3} .*(?:stack trace|堆栈跟踪).* -{3}$/i,
  // Firefox.
  /^[^\s@]*@(?:https?|file|resource|app|webpack|moz-extension):\S*:\d+:\d+$/,
  // Rust.
  /^\d+:\s+(?:0x[\da-f]+ - )?(?:(?:<.+>|[\w$]+)(?:::\S+)+|rust_begin_unwind|_start|__libc_start\S*|<unknown>)$/,
  /^note: (?:run with|Some details are omitted, run with) `RUST_BACKTRACE=/i,
  // Go.
  /^goroutine \d+ (?:\S+ )?\[[^\]]*\]:$/,
  /^\[signal SIG\w+: .*\]$/,
  /^created by \S+(?: in goroutine \d+)?$/,
  // gdb, Dart, PHP, glibc.
  /^#\d+\s+(?:0x[\da-f]+ in |.*\((?:file|dart|package|https?):|\[internal function\]|\S+\(\d+\): |\{main\}|\S+ \(.*\) at \S+:\d+)/,
  /^\S+\(\S*\+0x[\da-f]+\) ?\[0x[\da-f]+\]$/,
  // Perl, Elixir and Erlang.
  /^\S+\(.*\) called at \S+ line \d+\.?$/,
  /^(?:\([^()]+\) )?\S+\.(?:exs?|erl):\d+: \S+$/,
  // PL/SQL, PL/pgSQL.
  /^ORA-06512: at /,
  /^(?:CONTEXT:\s+)?PL\/pgSQL function .+ line \d+ at /,
  // Python.
  /^\[Previous line repeated \d+ more times?\]$/,
];

/** The file of a frame of Go, whose function stands on the line before. */
const goFile = /^\t(?:[A-Z]:)?\/\S+:\d+(?: \+0x[\da-f]+)?\r?$/;
const goFunction = /^[\w./*@~-]+(?:\(.*)?$/;

/** Longer lines are searched for {@link frames} alone. */
const maxLineLength = 2_000;

function isFrameLine(line: string, next: string | undefined): boolean {
  if (line.length > maxLineLength) return false;
  const trimmed = line.trim();
  if (lineFrames.some((form) => form.test(trimmed)) || goFile.test(line)) return true;
  return next !== undefined && next.length <= maxLineLength && goFile.test(next) && goFunction.test(trimmed);
}

/** Removes lines that are frames, and blank ones before them. The first line is the message. */
function withoutFrameLines(written: string): string {
  const kept: string[] = [];
  let isBelowHeader = false;
  const drop = (): void => {
    while (kept.length > 1 && kept.at(-1)?.trim() === '') kept.pop();
  };
  const lines = written.split('\n');
  lines.forEach((line, index) => {
    const [, message] = (line.length <= maxLineLength && stackHeader.exec(line)) || [];
    if (message !== undefined) {
      isBelowHeader = true;
      const said = message.replace(/^[\s|+]*(?:Exception Group )?$/i, '').trimEnd();
      return said === '' && index > 0 ? drop() : void kept.push(said);
    }
    isBelowHeader &&= indentedOrNumbered.test(line.replace(/^\s*[|+] ?/, ''));
    if (isBelowHeader || (index > 0 && isFrameLine(line, lines[index + 1]))) drop();
    else kept.push(line);
  });
  return kept.join('\n');
}

/** Frames within a line, of Java, .NET, JavaScript, Python, Go, Rust, Ruby, PHP and Perl. Bounded quantifiers: a text can be long and hostile. */
const frames = new RegExp(
  [
    String.raw`\bat [\w.$<>/@[\] -]{1,300}\((?:[\w$.-]{1,200}:\d+|Native Method|Unknown Source|<generated>|[^()\n]{1,500}:\d+:\d+)\)(?: ~?\[[^\]\n]{1,200}\])?`,
    String.raw`(?=at )(?<=(?:^|\n)[ \t]{0,40})at (?=[^(\n]{0,300}\.)[\w.$<>[\],\x60+]{1,300}\([^()\n]{0,300}\)(?: in [^\n]{1,500}:line \d+)?`,
    String.raw`goroutine \d+ \[[^\]\n]{1,100}\]:`,
    String.raw`(?<=^|\n)(?:[\w./*()-]{1,300}\n)?\t\/[^\s:]{1,500}\.go:\d+(?: \+0x[\da-f]+)?`,
    String.raw`(?<=^|\s)(?:from )?[^\s:]{1,500}\.rb:\d+:in [\x60'][^'\n]{1,200}'`,
    String.raw`#\d+ (?:[^\s()]{1,500}\(\d+\): [^\n]{1,500}|\{main\})`,
    String.raw`Stack trace:(?=\s*#0)`,
    String.raw`\bat (?:file:\/\/|\/)\S{1,500}:\d+:\d+`,
    String.raw`(?:\d{1,4}: [\w<>:{}]{1,200} )?at (?:\/|\.\/|[A-Z]:\\)\S{1,500}\.rs:\d+(?::\d+)?`,
    String.raw`(?<=\s)\/\S{1,500}\.(?:go|s):\d+ \+0x[\da-f]+`,
    String.raw`(?:thrown )?in \/\S{1,500}\.php(?::\d+| on line \d+)`,
    String.raw`at \S{1,500}\.(?:pl|pm|t|cgi) line \d+\.?`,
    String.raw`\.{3} \d+ (?:more|common frames omitted|levels\.{3})`,
    String.raw`File "[^"\n]{1,500}", line \d+(?:, in [^\s,;]{1,200}(?:\n {4,}[^\n]{0,500})?)?`,
    String.raw`Traceback \(most recent call last\):`,
  ]
    .map((frame) => String.raw`(?:(?<!\s)\s{0,40})?(?:${frame})`)
    .join('|'),
  'g',
);

/** A text without the stacks in it. */
export function withoutStacks(written: string): string {
  const broken = written.replace(writtenBreak, '\n\t');
  return (broken.includes('\n') ? withoutFrameLines(broken) : broken).replace(frames, '');
}
