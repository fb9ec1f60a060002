import { cutPieces, pieceBytes } from '@lyceum/events/personal-data';

/** Lines in as few pieces as their order allows: whole ones, but for a line that is longer than a piece. */
export function piecesOf(lines: readonly string[]): string[] {
  const pieces: string[] = [];
  let piece = '';
  let bytes = 0;
  for (const line of lines.map((each) => `${each}\n`)) {
    const length = Buffer.byteLength(line);
    if (bytes + length > pieceBytes && piece !== '') {
      pieces.push(...cutPieces(piece));
      piece = '';
      bytes = 0;
    }
    piece += line;
    bytes += length;
  }
  return piece === '' ? pieces : [...pieces, ...cutPieces(piece)];
}
