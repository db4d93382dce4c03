import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { encodeForm, UploadedFile } from '../../src/upstream/form.ts';

test('names that callers choose can’t end the quotes that they stand in', async () => {
  const file = new UploadedFile('a"; name="b\r\nx-c: d\r\n\r\n.jar', 'application/java-archive', Readable.from(['PK']));
  const { contentType, body } = encodeForm({ texts: { data: '{}' }, file });
  const [, boundary = ''] = /boundary=(\S+)$/.exec(contentType) ?? [];
  expect(await text(body as Readable)).toBe(
    [
      `--${boundary}`,
      'content-disposition: form-data; name="data"',
      '',
      '{}',
      `--${boundary}`,
      'content-disposition: form-data; name="file"; filename="a%22; name=%22b%0D%0Ax-c: d%0D%0A%0D%0A.jar"',
      'content-type: application/java-archive',
      '',
      'PK',
      `--${boundary}--`,
      '',
    ].join('\r\n'),
  );
});
