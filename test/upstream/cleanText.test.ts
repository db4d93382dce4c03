import { describe, expect, test } from 'vitest';
import { cleanText, hideFromTexts } from '../../src/upstream/secrets.ts';
import { createGateway } from '../../src/gateway/gateway.ts';
import { countCalls } from '../support/calls.ts';
import { askGateway, configFor, useStage } from '../support/gateway.ts';
import { logTo } from '../support/log.ts';

const stage = useStage();

describe('a text of an upstream', () => {
  test.each([
    [
      'java.lang.NullPointerException: no tenant\n\tat com.huawei.tics.Job.run(Job.java:42)\n\tat java.lang.Thread.run(Thread.java:833)\n\t... 12 more',
      'java.lang.NullPointerException: no tenant',
    ],
    ['boom at com.a.B$C.lambda$0(B.java:7) at sun.reflect.X.invoke0(Native Method)', 'boom'],
    ['boom at com.a.B.<init>(Unknown Source)', 'boom'],
    ['TypeError: x\n    at Object.<anonymous> (/srv/app/index.js:10:15)\n    at file:///srv/a.mjs:1:2', 'TypeError: x'],
    [
      'Traceback (most recent call last):\n  File "/opt/tics/run.py", line 3, in main\n    run()\nValueError: bad label',
      '\nValueError: bad label',
    ],
    ['failed at step(1), look at the log (line 3)', 'failed at step(1), look at the log (line 3)'],
  ])('has no frames of a stack: %j', (written, shown) => {
    expect(cleanText(written)).toBe(shown);
  });

  test.each([
    ['jdbc:mysql://root:hunter22@10.21.3.4:3306/db', 'jdbc:mysql://***@10.21.3.4:3306/db'],
    ['jdbc:oracle:thin:scott/tiger@host', 'jdbc:oracle:thin:***@host'],
    ['Pwd1=hunter22 userpass: hunter22', 'Pwd1=*** userpass: ***'],
    ['cookie=abc; session: "def"', 'cookie=***; session: ***'],
    ['密码：hunter22，用户 root', '密码：*** root'],
    ['{"access_key":"AKIA","secretKey":"x"}', '{"access_key":***,"secretKey":***}'],
  ])('has no secrets: %s', (written, shown) => {
    expect(cleanText(written)).toBe(shown);
  });

  test('has no secret of this process, as it is or encoded', () => {
    hideFromTexts('p&ss"wörd');
    const texts = ['p&ss"wörd', encodeURIComponent('p&ss"wörd'), JSON.stringify('p&ss"wörd').slice(1, -1)];
    expect(texts.map((written) => cleanText(`you sent ${written}`))).toEqual(texts.map(() => 'you sent ***'));
  });

  test('takes no longer because it is hostile', () => {
    for (const part of ['at ', ' \n\t', 'File "', '://', 'password', 'thin:'])
      expect(cleanText(part.repeat(100_000)).length).toBeLessThanOrEqual(50_000);
  });
});

test('neither answers nor the log repeat what an upstream echoes', async () => {
  const lines: Readonly<Record<string, unknown>>[] = [];
  const tics = configFor(stage.sandbox);
  const gateway = createGateway({ tics, sharing: 'off' }, { log: logTo(lines) });
  const query = '{ leagues(role: OWNER) { totalCount } }';
  expect((await askGateway(gateway, query)).errors).toBeUndefined();
  const [sent] = await stage.sandbox.client.calls({ operationId: 'listLeagues' });
  const secret = tics.account.password;
  const error_msg = `java.lang.Error: ${secret} for jdbc:mysql://root:hunter22@db\n\tat a.B.c(B.java:1)`;
  await stage.sandbox.client.setRules([
    { operationId: 'listLeagues', fault: { kind: 'status', status: 400, body: { error_code: secret, error_msg } } },
  ]);
  const { errors } = await askGateway(gateway, query);
  expect(errors?.[0]?.message).toBe('listLeagues was refused: java.lang.Error: *** for jdbc:mysql://***@db');
  const all = JSON.stringify([errors, lines]);
  for (const hidden of [secret, 'hunter22', 'B.java']) expect(all).not.toContain(hidden);
  expect(sent).toBeDefined();
  expect(await countCalls(stage, 'listLeagues')).toBe(2);
  await gateway.close();
});
