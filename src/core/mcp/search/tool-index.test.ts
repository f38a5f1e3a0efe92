import { describe, expect, it } from 'vitest';
import { type IndexedTool, ToolIndex } from './tool-index.ts';

type Draft = Partial<Omit<IndexedTool, 'id'>> & { readonly name: string };

function indexOf(...tools: readonly Draft[]): ToolIndex {
  return new ToolIndex(tools.map((tool, id) => ({ id, server: 'main', inputSchema: {}, ...tool })));
}

const names = (index: ToolIndex, query: string | readonly string[], limit = 10): string[] =>
  index.search(query, { limit }).map(({ tool }) => tool.name);

const number = (description: string) => ({ type: 'number', description });
const object = (properties: Readonly<Record<string, unknown>>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
});

const ADDER: Draft = {
  name: 'adder',
  description: 'Adds two numbers together',
  inputSchema: object({ a: number('First number to add'), b: number('Second number to add') }),
};
const CALCULATOR: Draft = {
  name: 'calculator',
  title: 'Scientific Calculator',
  description: 'Does basic mathematical calculations such as addition, subtraction, multiplication and division',
  inputSchema: object({
    operation: {
      type: 'string',
      enum: ['add', 'subtract', 'multiply', 'divide'],
      description: 'Mathematical operation to perform',
    },
    x: number('First operand'),
    y: number('Second operand'),
  }),
};
const TEXT_PROCESSOR: Draft = {
  name: 'text_processor',
  title: 'Text Processor',
  description: 'Changes strings: case conversion, reversal and the like',
  inputSchema: object({
    text: { type: 'string', description: 'Input to process' },
    action: { type: 'string', enum: ['uppercase', 'lowercase', 'reverse'] },
  }),
};
const FILESYSTEM: Draft = {
  name: 'filesystem',
  title: 'File System Manager',
  description: 'Manages files and directories: lists, creates and deletes them',
  inputSchema: object({
    path: { type: 'string', description: 'File or directory path' },
    operation: { type: 'string', enum: ['list', 'create', 'delete'], description: 'Filesystem operation to perform' },
  }),
};
const FAILING: Draft = { name: 'failing_tool', description: 'A tool that always fails, for testing error handling' };

const OBSERVED = indexOf(ADDER, CALCULATOR, TEXT_PROCESSOR, FILESYSTEM, FAILING);

describe('the known catalogue', () => {
  it.each<[string | readonly string[], readonly string[]]>([
    ['text', ['text_processor']],
    ['tool', ['failing_tool']],
    ['together', ['adder']],
    ['multiply', ['calculator']],
    ['Scientific', ['calculator']],
    ['process', ['text_processor']],
    ['processer', ['text_processor']],
    ['proecssor', ['text_processor']],
    ['nonexistent', []],
    ['anything', []],
    ['', []],
    ['   ', []],
    ['?!', []],
    [[], []],
    [['', ' '], []],
  ])('gives for %j exactly %j', (query, expected) => {
    expect(names(OBSERVED, query)).toEqual(expected);
  });

  it.each<[string | readonly string[], readonly string[]]>([
    ['adder', ['adder']],
    ['ADDER', ['adder']],
    ['First', ['adder']],
    [
      ['adder', 'failing'],
      ['adder', 'failing_tool'],
    ],
    [
      ['numbers', 'files'],
      ['adder', 'filesystem'],
    ],
  ])('begins for %j with %j', (query, expected) => {
    expect(names(OBSERVED, query).slice(0, expected.length)).toEqual(expected);
  });

  it('knows the parameters of a lone tool', () => {
    expect(names(indexOf(ADDER), 'First')).toEqual(['adder']);
  });

  it.each([['number'], ['string'], ['object'], ['required'], ['enum'], ['properties']])(
    'has no words of JSON Schema: %s',
    (word) => {
      const index = indexOf({ name: 'plain', inputSchema: object({ q: { type: 'string', enum: [] } }) });
      expect(names(index, word)).toEqual([]);
    },
  );
});

describe('servers', () => {
  const index = indexOf(
    { name: 'zeta', server: 'math_service', description: 'Roots' },
    { name: 'alpha', server: 'math_service', description: 'Powers of a base' },
    { name: 'other', server: 'mail', description: 'Letters' },
  );

  it.each([['math_service'], ['math service'], ['MathService'], ['math-service']])(
    '%s gives all tools of the server, equal, by name',
    (query) => {
      const hits = index.search(query, { limit: 10 });
      expect(hits.map(({ tool }) => tool.name)).toEqual(['alpha', 'zeta']);
      expect(hits[0]?.score).toBe(hits[1]?.score);
    },
  );

  it('is found by one of its words', () => expect(names(index, 'math')).toEqual(['alpha', 'zeta']));
});

describe('words', () => {
  it.each([
    ['getUserProfile', 'user'],
    ['getUserProfile', 'getUser'],
    ['get_user_profile', 'user profile'],
    ['get-user-profile', 'UserProfile'],
    ['HTTPServerStart', 'http server'],
    ['base64encode', 'base64'],
    ['base64encode', 'encode'],
    ['userprofile', 'userprofile'],
    ['übersetzen', 'ÜBERSETZEN'],
    ['查询天气', '天气'],
    ['constructor', 'constructor'],
    ['__proto__', 'proto'],
  ])('of %s are found by %s', (name, query) => {
    expect(names(indexOf({ name }, { name: 'unlike' }), query)).toEqual([name]);
  });

  it('of parameters are found at any length', () => {
    const index = indexOf(
      { name: 'one', inputSchema: object({ url: { type: 'string' } }) },
      { name: 'two', inputSchema: object({ filter: object({ city: { type: 'string' } }) }) },
      { name: 'three', inputSchema: { anyOf: [object({ isbn: { type: 'string' } })] } },
    );
    expect(names(index, 'url')).toEqual(['one']);
    expect(names(index, 'city')).toEqual(['two']);
    expect(names(index, 'isbn')).toEqual(['three']);
  });

  it('meet in all their forms', () => {
    const index = indexOf(
      { name: 'a', description: 'Calculates distances' },
      { name: 'b', description: 'Reads letters' },
    );
    for (const query of ['calculate distance', 'calculation', 'calculator', 'calculating']) {
      expect(names(index, query)).toEqual(['a']);
    }
  });

  it('count less when only begun, whatever field they stand in', () => {
    const index = indexOf(
      { name: 'address_book' },
      { name: 'zz', inputSchema: object({ add: { type: 'boolean' } }) },
      { name: 'unlike' },
    );
    expect(names(index, 'add')).toEqual(['zz', 'address_book']);
    expect(names(index, 'ad')).toEqual([]);
  });

  it('have synonyms, which come second', () => {
    const index = indexOf({ name: 'remove_row' }, { name: 'delete_row' }, { name: 'unlike' });
    expect(names(index, 'delete')).toEqual(['delete_row', 'remove_row']);
  });

  it('run together are found by their halves', () => {
    const index = indexOf({ name: 'diceroller' }, { name: 'x', description: 'a dice, a roller' }, { name: 'unlike' });
    expect(names(index, 'dice')).toContain('diceroller');
  });

  it('may be misspelt by a letter or two when nothing has them', () => {
    const index = indexOf({ name: 'translate_document' }, { name: 'weather' });
    for (const typo of ['wether', 'waether', 'weathr', 'translaet', 'documnet']) {
      expect(names(index, typo), typo).toHaveLength(1);
    }
    for (const other of ['wehtre', 'whether we', 'weight', '12345']) {
      expect(names(index, other), other).toEqual([]);
    }
  });
});

describe('several steps', () => {
  const index = indexOf(
    { name: 'get_weather', description: 'Weather forecast for a city' },
    { name: 'get_city_weather_history', description: 'Weather history for a city, city by city' },
    { name: 'send_email', description: 'Send an email to a person' },
    { name: 'create_event', description: 'Create an event in the calendar' },
  );

  it('each get their say', () => {
    const query =
      'Get the weather forecast for the city of Paris. Then send an email to Bob. Finally create a calendar event.';
    expect(new Set(names(index, query, 3))).toEqual(new Set(['get_weather', 'send_email', 'create_event']));
  });

  it('may be courtesies', () => {
    expect(names(index, 'Hello! Please send an email. Thanks!')[0]).toBe('send_email');
  });
});

describe('what is given back', () => {
  const many = indexOf(
    ...Array.from({ length: 50 }, (_, index) => ({ name: `reader_${String(index).padStart(2, '0')}` })),
  );

  it('is at most what was asked for, best first, with positive scores', () => {
    const hits = many.search('reader', { limit: 7 });
    expect(hits.map(({ tool }) => tool.name)).toEqual(Array.from({ length: 7 }, (_, index) => `reader_0${index}`));
    expect(hits.every(({ score }) => score > 0)).toBe(true);
    expect(many.search('reader', { limit: 0 })).toEqual([]);
    expect(many.search('reader', { limit: 100 })).toHaveLength(50);
  });

  it.each([['reader'], ['A reader. And then a reader of words.']])('skips what is not allowed, for %j', (query) => {
    const hits = many.search(query, { limit: 5, allowed: (index) => index >= 40 && index !== 42 });
    expect(hits.map(({ tool }) => tool.id)).toEqual([40, 41, 43, 44, 45]);
    expect(many.search(query, { limit: 5, allowed: () => false })).toEqual([]);
  });

  it('is the same every time', () => {
    const first = OBSERVED.search('add numbers to files', { limit: 5 });
    OBSERVED.search('something else entirely', { limit: 5 });
    expect(OBSERVED.search('add numbers to files', { limit: 5 })).toEqual(first);
  });

  it('is nothing without tools', () => expect(indexOf().search('anything', { limit: 5 })).toEqual([]));
});

describe('hostile input', () => {
  it('reads no further than 2,000 characters', () => {
    const query = `${'x '.repeat(1100)} adder`;
    expect(names(OBSERVED, query)).toEqual([]);
    expect(names(OBSERVED, ['adder', 'x '.repeat(50_000)])[0]).toBe('adder');
  });

  it('survives schemas that are none, that are endless, and that hold themselves', () => {
    const circle: Record<string, unknown> = { type: 'object' };
    circle['properties'] = { self: circle };
    let deep: unknown = {};
    for (let level = 0; level < 10_000; level++) deep = { properties: { inner: deep }, items: deep };
    const wide = object(Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`p${index}`, {}])));
    const index = indexOf(
      { name: 'circle', inputSchema: circle },
      { name: 'deep', inputSchema: deep },
      { name: 'wide', inputSchema: wide },
      ...[null, undefined, 'text', 7, [], { properties: [] }, { enum: 'x' }].map((inputSchema, at) => ({
        name: `odd_${at}`,
        inputSchema,
      })),
    );
    expect(names(index, 'circle')).toEqual(['circle']);
    expect(names(index, 'wide')).toEqual(['wide']);
    expect(names(index, 'odd')).toHaveLength(7);
  });

  it('takes long words for what they are', () => {
    const word = 'a'.repeat(100_000);
    expect(names(indexOf({ name: 'plain', description: word }), word)).toEqual([]);
  });
});
