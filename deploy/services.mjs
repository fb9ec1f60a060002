/** The services of the image: the file that each runs, and the port on which it answers. */
export const services = {
  identity: { main: 'subgraphs/identity/dist/main.js', port: 4101 },
  catalog: { main: 'subgraphs/catalog/dist/main.js', port: 4102 },
  learning: { main: 'subgraphs/learning/dist/main.js', port: 4103 },
  assessment: { main: 'subgraphs/assessment/dist/main.js', port: 4104 },
  records: { main: 'subgraphs/records/dist/main.js', port: 4105 },
  gateway: { main: 'gateway/dist/main.js', port: 4000 },
  'lrs-receive': { main: 'lrs/dist/receivers/main.js', port: 4100 },
  'lrs-ingest': { main: 'lrs/dist/ingest/main.js', port: 4110 },
};
