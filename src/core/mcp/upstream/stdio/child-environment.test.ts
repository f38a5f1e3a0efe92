import { expect, it } from 'vitest';
import { Secret } from '../../../config/secret.ts';
import { childEnvironment } from './child-environment.ts';

const OURS = {
  PATH: '/bin',
  HOME: '/h',
  LC_ALL: 'C',
  OPENAI_API_KEY: 'k',
  AWS_SECRET_ACCESS_KEY: 's',
  GONE: undefined,
};

it('passes harmless variables and the ones that are configured', () => {
  const env = { OWN: new Secret('own'), PATH: new Secret('/own') };
  expect(childEnvironment({ env, inheritEnv: false }, OURS)).toEqual({
    PATH: '/own',
    HOME: '/h',
    LC_ALL: 'C',
    OWN: 'own',
  });
});

it('passes everything when told to', () => {
  expect(childEnvironment({ env: {}, inheritEnv: true }, OURS)).toEqual({
    PATH: '/bin',
    HOME: '/h',
    LC_ALL: 'C',
    OPENAI_API_KEY: 'k',
    AWS_SECRET_ACCESS_KEY: 's',
  });
});
