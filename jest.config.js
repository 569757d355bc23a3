/** Native ESM through swc: no Babel, no ts-jest; types are checked by tsc. Run by test/support/run-lanes.js. */
export default {
  testEnvironment: 'node',
  testRunner: '<rootDir>/test/support/shared-realm.js',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^fast-check$': '<rootDir>/test/support/seeded-properties.js', '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' }, sourceMaps: 'inline' }],
  },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.data/', '<rootDir>/.tmp/'],
  globalSetup: '<rootDir>/test/support/jest-global-setup.js',
  globalTeardown: '<rootDir>/test/support/jest-global-teardown.js',
  maxWorkers: 2,
  // A test that hangs still ends; one that waits for real servers on two busy cores is not failed for it.
  testTimeout: 60_000,
};
