/**
 * Mutation testing: npm run mutation -- <area> (see docs/testing/mutation.md). Each area names the code that is changed and the tests that
 * must notice; tests that need PostgreSQL are left out where they would take an hour.
 */
const AREAS = {
  'payment-rules': {
    mutate: ['payment.ts', 'payment-decision.ts', 'ledger.ts', 'gateway-choice.ts', 'payment-input.ts', 'payment-reference.ts', 'payment-limits.ts', 'payment-content.ts', 'refund.ts'].map((name) => `src/payments/${name}`),
    tests: ['test/unit/payments/payment-*.test.ts'],
  },
  reconciliation: {
    mutate: ['src/payments/reconciliation-compare.ts', 'src/payments/reconciliation-day.ts', 'src/payments/statement-csv.ts', 'src/payments/ledger-check.ts', 'src/payments/ledger-check-payment.ts', 'src/payments/ledger-check-rules.ts'],
    tests: ['test/unit/payments/{reconciliation-compare,statement-csv,ledger-check}.test.ts'],
  },
  signatures: {
    mutate: ['adapters/{vnpay,vnpt-pay,payment-platform}/signature.ts', 'adapters/vnpay/signed-query.ts', 'adapters/bidv/checksum.ts', 'adapters/vietqr/{crc,tlv}.ts', 'adapters/support/{callback-keys,xml-signature}.ts'],
    tests: ['test/unit/{vnpay,vnpt-pay,payment-platform,bidv,vietqr,callbacks}/*.test.ts', 'test/unit/support/xml-signature.test.ts'],
  },
  'delivery-rules': {
    mutate: ['src/deliveries/{retry-policy,delivery,delivery-input,settlement-batcher}.ts'],
    tests: ['test/unit/deliveries/*.test.ts'],
  },
};

const name = process.env.MUTATION_AREA ?? '';
const area = AREAS[name];
if (area === undefined) throw new Error(`Name an area: npm run mutation -- ${Object.keys(AREAS).join('|')}`);

export default {
  packageManager: 'npm',
  plugins: ['@stryker-mutator/jest-runner'],
  testRunner: 'jest',
  // Tests are native ES modules.
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: { configFile: 'jest.config.js', config: { testMatch: area.tests.map((pattern) => `<rootDir>/${pattern}`), maxWorkers: 1 } },
  coverageAnalysis: 'perTest',
  mutate: area.mutate,
  ignorePatterns: ['dist', '.data', 'bench-results', 'coverage', 'docs', 'deploy'],
  concurrency: 2,
  incremental: true,
  incrementalFile: `.tmp/mutation/${name}.incremental.json`,
  tempDirName: '.tmp/mutation/work',
  reporters: ['clear-text', 'json', 'progress-append-only'],
  jsonReporter: { fileName: `.tmp/mutation/${name}.json` },
  clearTextReporter: { allowColor: false, reportTests: false },
  thresholds: { high: 90, low: 85, break: 85 },
  timeoutMS: 20_000,
};
