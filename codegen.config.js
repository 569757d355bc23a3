/** Types of the SDL for resolvers; the output is not committed. Run by `npm run codegen`. */
export default {
  schema: 'schemas/graphql/*.graphql',
  generates: {
    'src/graphql/generated/types.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        avoidOptionals: { field: true },
        maybeValue: 'T | null',
        inputMaybeValue: 'T | null | undefined',
        contextType: '../context.js#GatewayContext',
        emitLegacyCommonJSImports: false,
        scalars: { DateTime: { input: 'Date', output: 'Date' }, IdempotencyKey: { input: 'string', output: 'string' }, LocalDate: { input: 'string', output: 'string' } },
      },
    },
  },
};
