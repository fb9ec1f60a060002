import { expect, test } from '@jest/globals';
import { isSpecialAddress } from '@lyceum/service';
import { createOutwardFetch, outwardFault } from '../src/domain/sign-on/outward-fetch.ts';

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.31.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '::1',
  '::ffff:10.0.0.1',
  'fd00::1',
  'fe80::1',
  '64:ff9b::a00:1',
])('%s is nobody else’s', (address) => {
  expect(isSpecialAddress(address)).toBe(true);
});

test.each(['93.184.216.34', '2606:2800:220:1:248:1893:25c8:1946'])('%s is public', (address) => {
  expect(isSpecialAddress(address)).toBe(false);
});

test.each([
  'https://127.0.0.1/keys',
  'https://[::1]/keys',
  'https://[::ffff:7f00:1]/keys',
  'https://localhost:8443/keys',
  'http://127.0.0.1/keys',
])('in production %s is not asked', async (url) => {
  const outward = createOutwardFetch({ privateAddresses: false });
  await expect(outward(url, {})).rejects.toThrow(/private network|must begin with https/);
});

test('over plain HTTP only this machine is asked, and outside production alone', () => {
  expect(outwardFault('http://127.0.0.1:9/', { privateAddresses: true })).toBeUndefined();
  expect(outwardFault('http://127.0.0.1:9/', { privateAddresses: false })).toBeDefined();
  expect(outwardFault('http://login.example.org/', { privateAddresses: true })).toBeDefined();
  expect(outwardFault('ftp://login.example.org/', { privateAddresses: true })).toBeDefined();
});
