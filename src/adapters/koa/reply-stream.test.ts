import { describe, expect, it } from 'vitest';
import type { ByteSink, ByteStream } from '../../core/index.ts';
import { ReplyStream } from './reply-stream.ts';

/** A body that writes when it is told to, and notes what is asked of it. */
class Script implements ByteStream {
  readonly asked: string[] = [];
  sink: ByteSink | undefined;

  start(sink: ByteSink): void {
    this.asked.push('start');
    this.sink = sink;
  }

  resume(): void {
    this.asked.push('resume');
  }

  cancel(): void {
    this.asked.push('cancel');
  }
}

describe('a reply as a Node stream', () => {
  it('begins when it is first read and ends with its body', async () => {
    const body = new Script();
    const stream = new ReplyStream(body);
    expect(body.asked).toEqual([]);
    const read = stream.toArray();
    await expect.poll(() => body.asked[0]).toBe('start');
    body.sink?.write('a');
    body.sink?.write(new Uint8Array([98]));
    body.sink?.end();
    expect(Buffer.concat(await read).toString()).toBe('ab');
    expect(body.asked).not.toContain('cancel');
  });

  it('asks its body to wait while nobody reads, and to go on', () => {
    const body = new Script();
    const stream = new ReplyStream(body);
    stream.read();
    expect(body.sink?.write('x'.repeat(stream.readableHighWaterMark))).toBe(false);
    const before = body.asked.length;
    stream.read();
    expect(body.asked.slice(before)).toContain('resume');
  });

  it('cancels its body when it is destroyed, begun or not', async () => {
    for (const begun of [false, true]) {
      const body = new Script();
      const stream = new ReplyStream(body);
      if (begun) stream.read();
      const closed = new Promise((resolve) => stream.once('close', resolve));
      stream.destroy();
      await closed;
      expect(body.asked.filter((one) => one === 'cancel')).toHaveLength(1);
    }
  });
});
