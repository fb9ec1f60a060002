import { expect, test } from '@jest/globals';
import { hashPassword, passwordMatches } from '../src/domain/passwords.ts';
import { passwordsAtOnce } from '../src/domain/password-threads.ts';

test('passwords are looked at in the order in which they came', async () => {
  const hash = await hashPassword('a password of somebody');
  const numbers = Array.from({ length: 12 }, (_each, number) => number);
  const ended: number[] = [];
  await Promise.all(
    numbers.map(async (number) => {
      expect(await passwordMatches(hash, number % 2 ? 'another' : 'a password of somebody')).toBe(
        number % 2 === 0,
      );
      ended.push(number);
    }),
  );
  // Those that are worked on at the same time may overtake one another, and nobody else.
  for (const [place, number] of ended.entries())
    expect(Math.abs(place - number)).toBeLessThan(passwordsAtOnce);
});

test('a hash that is none fails its own password, and not the next', async () => {
  const hash = await hashPassword('a password of somebody');
  const [broken, next] = await Promise.allSettled([
    passwordMatches('$argon2id$broken', 'a password of somebody'),
    passwordMatches(hash, 'a password of somebody'),
  ]);
  expect(broken.status).toBe('rejected');
  expect(next).toEqual({ status: 'fulfilled', value: true });
});

test('what else needs a thread, as the signature of a token, does not wait for the passwords before it', async () => {
  const hash = await hashPassword('a password of somebody');
  await passwordMatches(hash, 'a password of somebody');
  const { privateKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
    'sign',
  ]);
  const done: string[] = [];
  const passwords = Array.from({ length: 16 }, async () => {
    await passwordMatches(hash, 'another password');
    done.push('password');
  });
  // Only when the passwords' work has been asked for.
  await new Promise(setImmediate);
  const signed = crypto.subtle
    .sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, Buffer.from('a token'))
    .then(() => done.push('signature'));
  await Promise.all([...passwords, signed]);
  expect(done.indexOf('signature')).toBeLessThan(4);
});
