import { expect, test } from '@jest/globals';
import { hashPassword, passwordMatches } from '../src/domain/passwords.ts';
import { createTurns } from '../src/domain/password-turns.ts';

test('so many turns run at once, the others follow in their order, also after some that failed', async () => {
  const inTurn = createTurns(2);
  const begun: number[] = [];
  let running = 0;
  let most = 0;
  const work = (number: number) =>
    inTurn(async () => {
      begun.push(number);
      most = Math.max(most, (running += 1));
      await new Promise(setImmediate);
      running -= 1;
      if (number < 2) throw new Error('failed');
    });
  const ends = await Promise.allSettled([0, 1, 2, 3, 4].map(work));
  expect(begun).toEqual([0, 1, 2, 3, 4]);
  expect(most).toBe(2);
  const failed = ends.map(({ status }) => status === 'rejected');
  expect(failed).toEqual([true, true, false, false, false]);
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
