import assert from 'node:assert/strict';
import { Frames } from './frames';

const frame = (body: string, header = `Content-Length: ${Buffer.byteLength(body)}`): Buffer =>
  Buffer.from(`${header}\r\n\r\n${body}`);

describe('frames of the protocol', () => {
  it('are followed however they are cut', () => {
    const bytes = Buffer.concat([
      frame('{"a":"€"}'),
      frame('{}', 'Content-Type: x; charset=utf-8\r\ncontent-length: 2'),
      frame(''),
      frame('x'.repeat(50_000)),
    ]);
    for (const size of [1, 2, 7, 1000, bytes.length]) {
      const frames = new Frames();
      for (let at = 0; at < bytes.length; at += size)
        assert.equal(frames.take(bytes.subarray(at, at + size)), undefined);
    }
  });

  it('end at a header that is none', () => {
    const wrong: [string, RegExp][] = [
      ['Content-Length: abc\r\n\r\n{}', /not a number of bytes: "abc"/],
      ['Content-Length: -5\r\n\r\n{}', /not a number of bytes: "-5"/],
      ['X-Foo: 1\r\n\r\n{}', /no Content-Length/],
      [
        'Content-Length: 5\r\n\r\n{"jsonrpc":"2.0"}Content-Length: 2\r\n\r\n{}',
        /without a name|no Content-Length/,
      ],
      ['hello\r\n\r\n', /without a name and a colon/],
      ['\r\n\r\n', /without a name and a colon/],
      [`Content-Length: 99999999999999\r\n\r\n`, /exceeds the limit of/],
      ['x'.repeat(10_000), /longer than 8192 bytes/],
    ];
    for (const [text, sentence] of wrong) assert.match(new Frames().take(Buffer.from(text)) ?? '', sentence);
  });
});
