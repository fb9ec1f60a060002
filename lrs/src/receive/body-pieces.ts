/** A body as it comes, in pieces that hold about as much memory as they have bytes. */
export interface BodyPieces {
  add(chunk: Buffer): void;
  /** In order; call it once, at the end. */
  all(): readonly Buffer[];
}

/** Below this a Buffer's own 200 bytes of heap weigh: such chunks are copied together. */
const small = 1024;

const largestRoom = 64 * 1024;

/** Sent byte by byte, a body that was granted its length would else take two hundred times as much. */
export function createBodyPieces(): BodyPieces {
  const pieces: Buffer[] = [];
  let room: Buffer | undefined;
  let used = 0;

  function closeRoom(): void {
    if (room !== undefined) pieces.push(room.subarray(0, used));
    used = 0;
  }

  function copy(chunk: Buffer): void {
    if (room === undefined || used + chunk.length > room.length) {
      closeRoom();
      room = Buffer.allocUnsafe(room === undefined ? small : Math.min(room.length * 2, largestRoom));
    }
    used += chunk.copy(room, used);
  }

  return {
    add(chunk) {
      // Most bodies are one chunk, which stays where it is.
      if (pieces.length > 0 && chunk.length < small) {
        copy(chunk);
        return;
      }
      closeRoom();
      room = undefined;
      pieces.push(chunk);
    },
    all() {
      closeRoom();
      return pieces;
    },
  };
}
