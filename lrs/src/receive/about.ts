import type { Answer } from './exchange.ts';

/** The resource /xapi/about (Communication 2.8): open to all, and by no version. */
export function about(): Answer {
  const versions = ['1.0.0', '1.0.1', '1.0.2', '1.0.3', '2.0.0'];
  return { status: 200, body: JSON.stringify({ version: versions }) };
}
