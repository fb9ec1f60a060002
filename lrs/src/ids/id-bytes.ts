/** UUIDs as 16 bytes each, one after another. */
export function bytesOfIds(ids: readonly string[]): Buffer {
  const bytes = Buffer.allocUnsafe(ids.length * 16);
  let at = 0;
  for (const id of ids) {
    at += bytes.write(id.slice(0, 8), at, 'hex');
    at += bytes.write(id.slice(9, 13), at, 'hex');
    at += bytes.write(id.slice(14, 18), at, 'hex');
    at += bytes.write(id.slice(19, 23), at, 'hex');
    at += bytes.write(id.slice(24), at, 'hex');
  }
  return bytes;
}
