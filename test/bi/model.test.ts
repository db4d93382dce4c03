import { describe, expect, test } from 'vitest';
import { commentsAndIndexes, ddl } from '../../src/bi/model/ddl.ts';
import { tables } from '../../src/bi/model/tables.ts';
import { tableNames } from '../../src/bi/model/types.ts';

describe('the registry', () => {
  test('is what was published as v1: it only grows', () => {
    const published = tableNames.map((name) => {
      const { columns, key, timeColumn, leagueColumn = '-' } = tables[name];
      const lines = Object.entries(columns).map(
        ([column, { type, nullable, references = '' }]) =>
          `  ${column} ${type}${nullable ? '' : ' not null'}${references && ` -> ${references}`}`,
      );
      return `${name} (key ${key}, time ${timeColumn}, league ${leagueColumn})\n${lines.join('\n')}`;
    });
    expect(published.join('\n')).toMatchSnapshot();
  });

  test('names are snake_case ASCII, and each is described in two languages', () => {
    for (const { name, columns, description, label } of Object.values(tables)) {
      expect([name, ...Object.keys(columns)].filter((word) => !/^[a-z]+(_[a-z]+)*$/.test(word))).toEqual([]);
      for (const text of [description, label, ...Object.values(columns).flatMap((c) => [c.description, c.label])]) {
        expect(text.en).toMatch(/^[\x20-\x7e]+$/);
        expect(text.zh).toMatch(/\p{Script=Han}|ISO|TICS/u);
      }
    }
  });

  test('keys, time and league columns exist; keys are not null, and references point back', () => {
    for (const { name, columns, key, timeColumn, leagueColumn = key } of Object.values(tables)) {
      expect(Object.keys(columns)).toEqual(expect.arrayContaining([key, timeColumn, leagueColumn, 'updated_at']));
      expect(columns[key]?.nullable).toBe(false);
      for (const { references } of Object.values(columns))
        if (references !== undefined) expect(tableNames.indexOf(references)).toBeLessThan(tableNames.indexOf(name));
    }
  });

  test.each(['duckdb', 'postgres'] as const)('DDL for %s', (engine) => {
    const statements = [...ddl(engine), ...(engine === 'postgres' ? commentsAndIndexes() : [])];
    expect(statements.join(';\n')).toMatchSnapshot();
  });
});
