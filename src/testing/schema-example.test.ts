import Ajv2020 from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { exampleOf } from './schema-example.ts';

describe('exampleOf', () => {
  it.each([
    ['a text', { type: 'string' }],
    ['a text of some length', { type: 'string', minLength: 9, maxLength: 12 }],
    ['a short text', { type: 'string', maxLength: 2 }],
    ['a number in bounds', { type: 'number', exclusiveMinimum: 4.5, maximum: 9 }],
    ['a low integer', { type: 'integer', maximum: -3 }],
    ['a choice', { type: 'string', enum: ['x', 'y'] }],
    ['a constant', { const: { a: [1] } }],
    ['a nullable', { type: ['null', 'integer'], minimum: 5 }],
    ['a list', { type: 'array', items: { type: 'boolean' }, minItems: 2 }],
    ['variants', { anyOf: [{ type: 'integer' }, { type: 'string' }] }],
    ['a reference', { $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'boolean' } } }],
    [
      'an object in an object',
      {
        type: 'object',
        required: ['place', 'days'],
        additionalProperties: false,
        properties: {
          place: { type: 'object', required: ['city'], properties: { city: { type: 'string' } } },
          days: { type: 'integer', minimum: 2 },
          note: { type: 'string' },
        },
      },
    ],
  ])('satisfies %s', (_, schema) => {
    const validate = new Ajv2020({ strict: false }).compile(schema);
    expect([validate(exampleOf(schema)), validate.errors]).toEqual([true, null]);
  });

  it('gives only what is required', () => {
    expect(exampleOf({ type: 'object', properties: { a: { type: 'string' } } })).toEqual({});
  });

  it('ends where a schema contains itself', () => {
    const schema = { type: 'object', required: ['next'], properties: { next: { $ref: '#' } } };
    expect(JSON.stringify(exampleOf(schema)).length).toBeLessThan(200);
  });

  it('is not fooled by names that objects inherit', () => {
    const schema = JSON.parse('{"type":"object","required":["__proto__","constructor"]}');
    const example = exampleOf(schema);
    expect(Object.keys(example as object)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(example)).toBe(Object.prototype);
    expect(exampleOf({ $ref: '#/constructor' })).toBe('demo');
  });

  it.each([null, true, 7, [], { type: 'mystery' }, { enum: [] }, { properties: 3, required: 'x' }])(
    'bears %j',
    (schema) => {
      expect(() => exampleOf(schema)).not.toThrow();
    },
  );
});
