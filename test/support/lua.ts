/** A value of Lua. Tables are arrays: scripts use no others. `undefined` is nil. */
export type LuaValue = string | number | boolean | undefined | readonly LuaValue[] | LuaFunction;
export type LuaFunction = (...values: LuaValue[]) => readonly LuaValue[];

type Token = readonly [kind: 'NAME' | 'NUMBER' | 'STRING' | 'SYMBOL', text: string];

const lexeme =
  /\s+|--[^\n]*|([A-Za-z_]\w*)|(\d+(?:\.\d+)?)|'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|(\.\.|[~=<>]=|[-+*/#(){}[\],=.<>])/gy;

function tokensOf(lua: string): readonly Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const [text, name, number, single, double, symbol] of lua.matchAll(lexeme)) {
    end += text.length;
    if (name !== undefined) tokens.push(['NAME', name]);
    else if (number !== undefined) tokens.push(['NUMBER', number]);
    else if (symbol !== undefined) tokens.push(['SYMBOL', symbol]);
    else if (single !== undefined || double !== undefined)
      tokens.push(['STRING', (single ?? double ?? '').replace(/\\(.)/g, '$1')]);
  }
  if (end < lua.length) throw new Error(`Not Lua as scripts write it: ${lua.slice(end, end + 40)}`);
  return tokens;
}

/** Operators by how strongly they bind, weakest first. */
const operators = [['or'], ['and'], ['<', '>', '<=', '>=', '~=', '=='], ['..'], ['+', '-'], ['*', '/']] as const;
const unary = ['not', '#', '-'];
const named: Readonly<Record<string, string>> = { nil: 'undefined', true: 'true', false: 'false' };
/** What JavaScript calls an operator whose values are neither nil nor booleans. */
const comparisons: Readonly<Record<string, string>> = { '==': '===', '~=': '!==' };

interface Expression {
  readonly js: string;
  /** It may have several values, and `js` is a list of them. */
  readonly isCall?: boolean;
}

/** Translates the part of Lua 5.1 that scripts use into JavaScript. */
class Translation {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(lua: string) {
    this.#tokens = tokensOf(lua);
  }

  block(...ends: readonly string[]): string {
    const statements: string[] = [];
    while (this.#at < this.#tokens.length && !ends.some((end) => this.#is(end))) statements.push(this.#statement());
    return statements.join('\n');
  }

  #is(text: string): boolean {
    const [kind, found] = this.#tokens[this.#at] ?? [];
    return kind !== 'STRING' && found === text;
  }

  #takes(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#at += 1;
    return true;
  }

  #expect(text: string): void {
    if (!this.#takes(text)) throw new Error(`Expected ${text}, found ${this.#tokens[this.#at]?.[1]}`);
  }

  #next(): string {
    this.#at += 1;
    return this.#tokens[this.#at - 1]?.[1] ?? '';
  }

  #names(): readonly string[] {
    const names = [`$${this.#next()}`];
    while (this.#takes(',')) names.push(`$${this.#next()}`);
    return names;
  }

  #statement(): string {
    if (this.#takes('local')) return this.#local();
    if (this.#takes('if')) return this.#if();
    if (this.#takes('for')) return this.#for();
    if (this.#takes('return')) return `return ${this.#list('end', 'else', 'elseif')};`;
    const targets = [this.#suffixed()];
    while (this.#takes(',')) targets.push(this.#suffixed());
    if (targets[0]?.isCall) return `${targets[0].js};`;
    this.#expect('=');
    return `[${targets.map(({ js }) => js).join(', ')}] = ${this.#list()};`;
  }

  #local(): string {
    if (this.#takes('function')) {
      const name = `$${this.#next()}`;
      this.#expect('(');
      const names = this.#is(')') ? [] : this.#names();
      this.#expect(')');
      const body = this.block('end');
      this.#expect('end');
      return `const ${name} = (${names.join(', ')}) => {\n${body}\nreturn [];\n};`;
    }
    const names = this.#names();
    return `let [${names.join(', ')}] = ${this.#takes('=') ? this.#list() : '[]'};`;
  }

  #if(): string {
    const condition = this.#single();
    this.#expect('then');
    const body = `if (lua.is(${condition})) {\n${this.block('else', 'elseif', 'end')}\n}`;
    if (this.#takes('elseif')) return `${body} else ${this.#if()}`;
    const other = this.#takes('else') ? ` else {\n${this.block('end')}\n}` : '';
    this.#expect('end');
    return body + other;
  }

  #for(): string {
    const names = this.#names();
    let head: string;
    if (this.#takes('in')) head = `const [${names.join(', ')}] of ${this.#list('do')}[0]`;
    else {
      this.#expect('=');
      const from = this.#single();
      this.#expect(',');
      const to = this.#single();
      const step = this.#takes(',') ? this.#single() : '1';
      head = `let ${names[0]} = ${from}; ${names[0]} <= ${to}; ${names[0]} += ${step}`;
    }
    this.#expect('do');
    const body = this.block('end');
    this.#expect('end');
    return `for (${head}) {\n${body}\n}`;
  }

  /** Values, the last one with all that it has. */
  #list(...ends: readonly string[]): string {
    const values: Expression[] = [];
    if (this.#at < this.#tokens.length && !ends.some((end) => this.#is(end)))
      do {
        if (ends.some((end) => this.#is(end))) break;
        values.push(this.#expression());
      } while (this.#takes(','));
    const last = values.length - 1;
    return `[${values.map(({ js, isCall }, index) => (isCall ? (index === last ? `...${js}` : `${js}[0]`) : js)).join(', ')}]`;
  }

  #single(): string {
    const { js, isCall } = this.#expression();
    return isCall ? `${js}[0]` : js;
  }

  #expression(level = 0): Expression {
    const here = operators[level] as readonly string[] | undefined;
    if (here === undefined) return this.#unary();
    let left = this.#expression(level + 1);
    for (;;) {
      const operator = here.find((one) => this.#takes(one));
      if (operator === undefined) return left;
      const [one, other] = [left, this.#expression(level + 1)].map(({ js, isCall }) => (isCall ? `${js}[0]` : js));
      left = { js: binary(operator, one ?? '', other ?? '') };
    }
  }

  #unary(): Expression {
    const operator = unary.find((one) => this.#takes(one));
    if (operator === undefined) return this.#suffixed();
    const { js, isCall } = this.#unary();
    const value = isCall ? `${js}[0]` : js;
    return { js: operator === 'not' ? `!lua.is(${value})` : operator === '#' ? `${value}.length` : `-(${value})` };
  }

  #suffixed(): Expression {
    let found = this.#primary();
    for (;;) {
      const value = found.isCall ? `${found.js}[0]` : found.js;
      if (this.#takes('.')) found = { js: `${value}.${this.#next()}` };
      else if (this.#takes('[')) {
        found = { js: `${value}[${this.#single()} - 1]` };
        this.#expect(']');
      } else if (this.#takes('(')) {
        found = { js: `${value}(...${this.#list(')')})`, isCall: true };
        this.#expect(')');
      } else return found;
    }
  }

  #primary(): Expression {
    if (this.#takes('(')) {
      const js = `(${this.#single()})`;
      this.#expect(')');
      return { js };
    }
    if (this.#takes('{')) {
      const js = this.#list('}');
      this.#expect('}');
      return { js };
    }
    const [kind, text] = this.#tokens[this.#at] ?? ['SYMBOL', 'the end'];
    if (kind === 'SYMBOL') throw new Error(`Not an expression: ${text}`);
    this.#at += 1;
    if (kind === 'STRING') return { js: JSON.stringify(text) };
    return { js: kind === 'NUMBER' ? text : (named[text] ?? `$${text}`) };
  }
}

function binary(operator: string, one: string, other: string): string {
  if (operator === 'or') return `lua.or(${one}, () => ${other})`;
  if (operator === 'and') return `lua.and(${one}, () => ${other})`;
  if (operator === '..') return `lua.join(${one}, ${other})`;
  if (operator === '+') return `(Number(${one}) + Number(${other}))`;
  return `(${one} ${comparisons[operator] ?? operator} ${other})`;
}

function is(value: LuaValue): boolean {
  return value !== undefined && value !== false;
}

const classes: Readonly<Record<string, string>> = { d: '[0-9]', x: '[0-9A-Fa-f]', S: '\\S' };

function regExpOf(pattern: string): RegExp {
  return new RegExp(
    pattern.replace(/\[(\^?)%d/g, '[$10-9').replace(/%(.)/g, (_, name: string) => classes[name] ?? `\\${name}`),
  );
}

function formatNumber(value: number, digits: string | undefined): string {
  return digits === undefined ? String(Math.trunc(value)) : value.toFixed(Number(digits));
}

function toNumber(value: LuaValue): number | undefined {
  if (typeof value === 'number') return value;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : NaN;
  return Number.isNaN(number) ? undefined : number;
}

function numbers(of: (...values: number[]) => number): LuaFunction {
  return (...values) => [of(...values.map(Number))];
}

const library = {
  $string: {
    match: (text: string, pattern: string) => {
      const found = regExpOf(pattern).exec(text);
      return found === null ? [undefined] : found.length > 1 ? found.slice(1) : [found[0]];
    },
    /** Plain texts only. */
    find: (text: string, wanted: string) => {
      const at = text.indexOf(wanted);
      return [at < 0 ? undefined : at + 1];
    },
    format: (text: string, ...values: LuaValue[]) => [
      text.replace(/%(?:\.(\d))?([sdf])/g, (_, digits: string | undefined, kind: string) => {
        const value = values.shift();
        return kind === 's' ? String(value) : formatNumber(Number(value), digits);
      }),
    ],
  },
  $math: { floor: numbers(Math.floor), ceil: numbers(Math.ceil), max: numbers(Math.max), min: numbers(Math.min) },
  $tonumber: (value: LuaValue) => [toNumber(value)],
  $type: (value: LuaValue) => [Array.isArray(value) ? 'table' : value === undefined ? 'nil' : typeof value],
  $unpack: (values: readonly LuaValue[]) => values,
  $ipairs: (values: readonly LuaValue[]) => [values.map((value, index) => [index + 1, value])],
};

/** What translated scripts call. */
const runtime = {
  is,
  or: (one: LuaValue, other: () => LuaValue) => (is(one) ? one : other()),
  and: (one: LuaValue, other: () => LuaValue) => (is(one) ? other() : one),
  join: (one: string | number, other: string | number) => `${one}${other}`,
};

/** Runs a command of the server from within a script. */
export type LuaCommand = (...words: LuaValue[]) => readonly LuaValue[];
export type LuaScript = (keys: readonly string[], args: readonly string[]) => LuaValue;

/** Makes a function of a script. */
export function compileLua(lua: string, call: LuaCommand): LuaScript {
  const names = ['lua', '$redis', '$KEYS', '$ARGV', ...Object.keys(library)];
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is our own script, translated
  const run = new Function(...names, new Translation(lua).block()) as (
    ...values: unknown[]
  ) => readonly LuaValue[] | undefined;
  return (keys, args) => run(runtime, { call, pcall: call }, [...keys], [...args], ...Object.values(library))?.[0];
}
