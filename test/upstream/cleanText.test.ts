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
    [
      'E: x\n\tat com.a.B.c(B.java:1) ~[b.jar!/:na]\n\tat java.base@17/java.lang.Thread.run(Thread.java:829) [?:?]\nCaused by: y',
      'E: x\nCaused by: y',
    ],
    ['E: x\n\tat com.a.B$$Lambda$1/0x08.run(<generated>)\n\tat com.a.C$$Enhancer$$1.z(<generated>)', 'E: x'],
    [
      'System.E: x\n   at Foo.Bar.Baz(String a, Int32 b) in C:\\src\\Foo.cs:line 42\n   at Foo.Program.Main()',
      'System.E: x',
    ],
    [
      'panic: x\n\ngoroutine 1 [running]:\nmain.main()\n\t/src/main.go:12 +0x1d\nexit status 2',
      'panic: x\nexit status 2',
    ],
    ["undefined method (NoMethodError)\n\tfrom /opt/a.rb:9:in `bar'", 'undefined method (NoMethodError)'],
    ['Fatal: x\nStack trace:\n#0 /var/www/a.php(12): foo()\n#1 {main}', 'Fatal: x'],
    [
      "thread 'main' panicked at src/main.rs:4:5:\nno job\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/90b3/library/std/src/panicking.rs:645:5\n   1: app::run\n             at ./src/main.rs:4:5\n   2: <T as core::ops::FnOnce<()>>::call_once\n  12:     0x55d0c8 - main\nnote: Run with `RUST_BACKTRACE=full` for a verbose backtrace.",
      "thread 'main' panicked at src/main.rs:4:5:\nno job",
    ],
    ['E: x\r\n   0: rust_begin_unwind\r\n      at /rustc/90b3/std/src/panicking.rs:645:5\r\n   1: app::run', 'E: x\r'],
    ['E: 0: rust_begin_unwind at /rustc/90b3/std/src/panicking.rs:645:5 1: core::panic at /rustc/9/panic.rs:1:2', 'E:'],
    [
      'panic: x [recovered]\n[signal SIGSEGV: segmentation violation addr=0x0]\n\ngoroutine 18 [IO wait, 2 minutes]:\nmain.(*S).run(0xc0, {0x1, 0x2})\n\t/src/main.go:12 +0x1d\nacme.com/t/job.Load.func1({0x7f})\n\tC:/go/job/load.go:88 +0x2a5\ncreated by main.main in goroutine 1\n\t/src/main.go:10 +0x5c\nexit status 2',
      'panic: x [recovered]\nexit status 2',
    ],
    ['no job\nmain.load\n\t/src/main.go:12\nruntime.goexit\n\t/usr/go/src/runtime/asm_amd64.s:1598', 'no job'],
    [
      'x\nTraceback (most recent call last):\n  File "/opt/run.py", line 3, in main\n    run(job)\n    ~~~^^^^^\n  [Previous line repeated 9 more times]\nValueError: bad label\n\nDuring handling of it:\n\nTraceback (most recent call last):\n  File "<stdin>", line 1, in <module>\nKeyError: 1',
      'x\nValueError: bad label\n\nDuring handling of it:\nKeyError: 1',
    ],
    [
      'System.E: x\n ---> Other.E: y\n   at Foo.<Baz>d__3.MoveNext() in /_/Foo.cs:line 42\n--- End of stack trace from previous location ---\n   at lambda_method123(Closure , Object )\n   at Foo.<>c.<Run>b__0(Object o)',
      'System.E: x\n ---> Other.E: y',
    ],
    ['System.E: 出错\n   在 Foo.Bar(String a) 位置 C:\\src\\Foo.cs:行号 42\n--- 堆栈跟踪的末尾 ---', 'System.E: 出错'],
    ['E: x\\n\\tat com.a.B.c(B.java:1)\\r\\n\\t... 12 more', 'E: x'],
    ['E: x<br/>&nbsp;&nbsp;at com.a.B.c(B.java:1)<br>&#9;at com.a.D.e(D.java:2)', 'E: x'],
    ['E: x\n\tat com.订单.处理(订单.java:3)\n\tat com.a.B.c(B.java)', 'E: x'],
    [
      'E: x\n    at async Promise.all (index 0)\n    at Array.map (<anonymous>)\n    at eval (eval at run (/a.js:1:2), <anonymous>:1:1)\n    at C:\\a.js:1:2\n    at node:internal/main:23:47',
      'E: x',
    ],
    ['E: x\nrun@https://host/a.js:1:2\n@file:///srv/b.js:3:4', 'E: x'],
    ['E: x\nmain::foo(1) called at /opt/x.pl line 5\n(tics 0.1.0) lib/job.ex:12: Tics.Job.run/2', 'E: x'],
    ['fault\n#0  0x00007f3e in foo (x=1) at foo.c:12\n#1      main (file:///srv/a.dart:1:2)', 'fault'],
    ['fault\n./app(main+0x1d) [0x4005ed]\nstack traceback:\n\t[C]: in function\n\ta.lua:1: in main chunk', 'fault'],
    ['E. Stack trace:\n\n0. DB::Exception(int) @ 0x0c in /usr/bin/x\n1. ./src/E.cpp:96: f @ 0x1e in ?', 'E.'],
    ['ORA-20001: no job\nORA-06512: at "TICS.PKG", line 12', 'ORA-20001: no job'],
    [
      'E: x\n1: select a::int from t\nat step(1)\nat db.example.com:3306',
      'E: x\n1: select a::int from t\nat step(1)\nat db.example.com:3306',
    ],
    ['rows:\r\n  1: a\r\n  2. b\r\n', 'rows:\r\n  1: a\r\n  2. b\r\n'],
    ['look at foo(bar); it is at stage(2); job #12 (3): x', 'look at foo(bar); it is at stage(2); job #12 (3): x'],
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
    ['Authorization: Bearer ey1.abc.def', 'Authorization: ***'],
    ['{Authorization=[Bearer ey1.abc.def], Accept=*}', '{Authorization=***, Accept=*}'],
    ['sent Bearer ey1.abc.def and Basic cm9vdDox', 'sent Bearer *** and Basic ***'],
    ['{"password":{"value":"hunter22"},"a":1}', '{"password":***,"a":1}'],
    ['password={hunter;22};x=1', 'password=***;x=1'],
    ['tokens: ["hunter22", "x"] y', 'tokens: *** y'],
    ['{\\"password\\":\\"hunter 22\\",\\"a\\":1}', '{\\"password\\":***,\\"a\\":1}'],
    ['?user=a%26password%3Dhunter22', '?user=a%26password%3D***'],
    ['<user>root</user><password type="x">hunter22</password>', '<user>root</user><password type="x">***</password>'],
    ["CREATE USER a IDENTIFIED BY 'hunter 22' x", 'CREATE USER a IDENTIFIED BY *** x'],
    ['the password is hunter22, token hunter22 --password "hunter22"', 'the password is *** token *** --password ***'],
    ['数据库密码为hunter22', '数据库密码为***'],
    ['Cookie: a=1; sid=hunter22\nnext', 'Cookie: ***\nnext'],
    [
      '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----',
      '-----BEGIN PRIVATE KEY-----***-----END PRIVATE KEY-----',
    ],
    ['jdbc:mysql://root:a/hunter22@db', 'jdbc:mysql://***@db'],
    ['denied for root:hunter22@10.21.3.4', 'denied for ***@10.21.3.4'],
    ['access_key_id=AKIA1', 'access_key_id=***'],
    ['{"access_key":"AKIA","secretKey":"x"}', '{"access_key":***,"secretKey":***}'],
  ])('has no secrets: %s', (written, shown) => {
    expect(cleanText(written)).toBe(shown);
  });

  test.each([
    'password is incorrect',
    '密码为空',
    '密码长度为8-16位',
    'The token is invalid or expired',
    'Basic authentication failed',
    'unexpected token "FROM" at 1:15',
    'token 12 of 30',
    'http://10.0.0.1:8080/x?y=1',
    'https://host:8443/a/@b/c',
    '12:30@UTC a@b.com',
    '<name>x1</name>',
  ])('stays as it is where it has none: %s', (written) => {
    expect(cleanText(written)).toBe(written);
  });

  test('has no secret of this process, as it is or encoded', () => {
    hideFromTexts('p&ss"wörd');
    const texts = ['p&ss"wörd', encodeURIComponent('p&ss"wörd'), JSON.stringify('p&ss"wörd').slice(1, -1)];
    expect(texts.map((written) => cleanText(`you sent ${written}`))).toEqual(texts.map(() => 'you sent ***'));
  });

  test('takes no longer because it is hostile', () => {
    for (const part of [
      'at ',
      ' \n\t',
      'File "',
      '://',
      'password',
      'thin:',
      ' ',
      'token {',
      '\\"',
      '#1 a(',
      'a:b@',
      '1: a::',
      '\n at <',
      '\n0: ',
      'stack ',
      '\\n\\t',
      '\n(a) b',
      'bearer ',
      '<a ',
      '\t/',
    ])
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
