import { describe, expect, it } from 'vitest';
import { type LineLoggerSettings, type LineOutput, lineLogger } from './line-logger.ts';

function lines(settings: Partial<LineLoggerSettings> = {}, output: LineOutput = {}) {
  const written: string[] = [];
  const logger = lineLogger(
    { level: 'info', format: 'text', ...settings },
    { write: (text) => written.push(text), now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6), ...output },
  );
  return { logger, written };
}

describe('a line logger', () => {
  it('writes time in UTC, level, message and fields', () => {
    const { logger, written } = lines();
    logger.info('Request answered', { status: 200, model: 'gpt-5', who: 'two words', nothing: undefined, list: ['a'] });
    expect(written).toEqual([
      '2026-01-02T03:04:05.006Z  INFO Request answered status=200 model=gpt-5 who="two words" list=["a"]\n',
    ]);
  });

  it.each([
    ['error', ['error']],
    ['warn', ['error', 'warn']],
    ['info', ['error', 'warn', 'info']],
    ['debug', ['error', 'warn', 'info', 'debug']],
  ] as const)('writes nothing less serious than %s', (level, expected) => {
    const { logger, written } = lines({ level, format: 'json' });
    for (const one of ['error', 'warn', 'info', 'debug'] as const) logger[one](one);
    expect(written.map((line) => JSON.parse(line).level)).toEqual(expected);
  });

  it('is one JSON document a line, errors and odd values included', () => {
    const { logger, written } = lines({ format: 'json' });
    logger.error('broke', { error: new TypeError('no'), count: 5n, text: 'a\nb' });
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    logger.warn('round', { circle });
    expect(written.map((line) => line.split('\n').length)).toEqual([2, 2]);
    expect(JSON.parse(written[0] ?? '')).toEqual({
      time: '2026-01-02T03:04:05.006Z',
      level: 'error',
      message: 'broke',
      error: { name: 'TypeError', message: 'no', stack: expect.stringContaining('TypeError: no') },
      count: '5',
      text: 'a\nb',
    });
    expect(JSON.parse(written[1] ?? '')).toMatchObject({ level: 'warn', message: 'round' });
  });

  it.each([{}, { nothing: undefined }, { level: 'odd', status: 200 }])('has each name once in JSON: %j', (fields) => {
    const { logger, written } = lines({ format: 'json' });
    logger.warn('seen', fields);
    const line = written[0] ?? '';
    expect(JSON.parse(line)).toEqual({ time: expect.any(String), level: 'warn', message: 'seen', ...fields });
    expect(line.match(/"level":/g)).toHaveLength(1);
  });

  it('lets no value pretend to be a line or move the cursor', () => {
    const { logger, written } = lines();
    const evil = 'x\n2026-01-01T00:00:00.000Z  INFO forged\u001b[2J';
    logger.warn(`message ${evil}`, { model: evil, error: Object.assign(new Error('e'), { stack: `Error: ${evil}` }) });
    const [text = ''] = written;
    expect(text).not.toContain('\u001b');
    expect(text.split('\n').filter((line) => line.startsWith('2026-01-01'))).toEqual([]);
  });

  it('is colourful only where it is told to be', () => {
    const { logger, written } = lines({}, { colours: true });
    logger.error('red');
    expect(written[0]).toContain('\u001b[31mERROR\u001b[0m');
  });
});
