import type { Answer, Exchange } from './exchange.ts';
import { refusals } from './xapi-error.ts';

/** The resource /xapi/about (Communication 2.8): open to all, and by no version. @throws XapiError 400 */
export function about({ parameters }: Exchange): Answer {
  const [name] = parameters.keys();
  if (name !== undefined) throw refusals.parameter(name, 'does not go with about (Communication 2.8)');
  const versions = ['1.0.0', '1.0.1', '1.0.2', '1.0.3', '2.0.0'];
  return { status: 200, body: JSON.stringify({ version: versions }) };
}
