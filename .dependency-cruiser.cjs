// Who may import whom: the layers of a service and the borders between services.
const layer = (name) => `^(?:subgraphs/[^/]+|lrs|gateway)/src/${name}(?:/|\\.ts$)`;
const service = '^(subgraphs/[^/]+|gateway|lrs)/';

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A cycle hides which of the two is the lower layer.',
      severity: 'error',
      from: { pathNot: 'node_modules' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-service-imports-another',
      comment: 'Services meet in the graph and in the event log, never in code.',
      severity: 'error',
      from: { path: `${service}(?:src|prisma)/` },
      to: { path: service, pathNot: '^$1/' },
    },
    {
      name: 'packages-import-no-service',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(subgraphs|gateway|lrs|local|simulate|bench|e2e|web)/' },
    },
    {
      name: 'resolvers-see-domain-and-context-only',
      comment: 'A resolver is: arguments, one domain call, result.',
      severity: 'error',
      from: { path: layer('resolvers') },
      to: { path: '^subgraphs/[^/]+/src/(?:store|events)/' },
    },
    {
      name: 'domain-knows-no-transport',
      comment: 'Rules can be read and tested without a server.',
      severity: 'error',
      from: { path: layer('domain') },
      to: {
        path: '^(?:subgraphs/[^/]+/src/(?:resolvers|events|context|loaders|services|permissions|main)|node_modules/(?:graphql|@apollo|@prisma|kafkajs|graphql-))',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'domain-takes-only-types-of-store',
      severity: 'error',
      from: { path: layer('domain') },
      to: { path: layer('store'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'store-imports-no-upper-layer',
      severity: 'error',
      from: { path: layer('store') },
      to: {
        path: '^subgraphs/[^/]+/src/(?:resolvers|domain|events|context|loaders|services|permissions|main)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'prisma-client-only-in-store',
      severity: 'error',
      from: { path: '^(?:subgraphs|lrs)/', pathNot: ['/store/', '/test/', 'main\\.ts$'] },
      to: { path: '/store/generated/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'not-to-unlisted',
      comment: 'What is imported is declared in the package.json of the workspace.',
      severity: 'error',
      from: { path: '^(packages|subgraphs|gateway|lrs|local|simulate|schema)/[^/]*/?src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(/dist/|/generated/resolver-types)' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
