import { release } from './release/released.ts';

// Run by `npm run schema:release`, in the root of the repository.
await release(process.cwd());
console.log('schema/released.graphql is what clients see now. Commit it with the release.');
