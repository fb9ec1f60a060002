// The health check of a container: `node deploy/healthcheck.mjs <service>` exits 0 while the service is ready.
import { services } from './services.mjs';

const { port } = services[process.argv[2]];
const response = await fetch(`http://127.0.0.1:${process.env.PORT ?? port}/health/ready`).catch(
  () => undefined,
);
process.exit(response?.ok ? 0 : 1);
