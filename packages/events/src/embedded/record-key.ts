/** The key of a record in the store: topic id u16, partition u16, offset u48, big-endian, so that keys sort. */
export function recordKey(topicId: number, partition: number, offset: number): Buffer {
  const key = Buffer.allocUnsafe(10);
  key.writeUInt16BE(topicId, 0);
  key.writeUInt16BE(partition, 2);
  key.writeUIntBE(offset, 4, 6);
  return key;
}

export function offsetOf(key: Buffer): number {
  return key.readUIntBE(4, 6);
}
