import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

// Their ES modules name files without an ending, which Node does not find. Loaded when called: most workspaces need none.
const require = createRequire(import.meta.url);

/**
 * Writes the Prisma client of a workspace's prisma/schema.prisma into its `output`, as `prisma generate` does: to the
 * byte, says a test. The CLI does one schema a process, most of whose time goes into loading it, and insists on a schema
 * engine, which it would download (docs/decisions/0029).
 *
 * @param {string} workspace its folder
 * @throws with Prisma's message, which names the line, where the schema is faulty
 */
export async function generatePrismaClient(workspace) {
  const { PrismaClientTsGenerator } = require('@prisma/client-generator-ts');
  const { enginesVersion } = require('@prisma/engines-version');
  const { formatSchema, getConfig, getDMMF, mergeSchemas } = require('@prisma/internals');
  const schemaPath = join(workspace, 'prisma/schema.prisma');
  const datamodel = await formatSchema({ schemas: [[schemaPath, await readFile(schemaPath, 'utf8')]] });
  const { generators, datasources } = await getConfig({ datamodel });
  for (const generator of generators) {
    await new PrismaClientTsGenerator().generate({
      generator: { ...generator, output: besideTheSchema(schemaPath, generator.output) },
      otherGenerators: [],
      schemaPath,
      datamodel: mergeSchemas({ schemas: datamodel }),
      datasources,
      dmmf: await getDMMF({ datamodel }),
      version: enginesVersion,
    });
  }
}

function besideTheSchema(schemaPath, { value, fromEnvVar }) {
  return { fromEnvVar, value: resolve(dirname(schemaPath), value) };
}
