import { PassThrough, Readable } from 'node:stream';
import { ZipFile } from 'yazl';
import type { Archive } from '../domain/privacy/archive.ts';

/** The archive as a zip file, of which no more is made than is taken. */
export function zipOf({ manifest, files, gatheredAt }: Archive): Readable {
  const zip = new ZipFile();
  const output = zip.outputStream.pipe(new PassThrough());
  const options = { mtime: gatheredAt };
  let reading: Readable | undefined;
  // Whoever goes away reads no further.
  output.once('close', () => {
    reading?.destroy();
  });
  zip.on('error', (error: Error) => {
    output.destroy(error);
  });
  zip.addBuffer(Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`), 'manifest.json', options);
  for (const { path, content } of files) {
    zip.addReadStreamLazy(path, options, (hand) => {
      reading = Readable.from(content(), { objectMode: false });
      reading.on('error', (error) => {
        output.destroy(error);
      });
      hand(null, reading);
    });
  }
  zip.end();
  return output;
}
