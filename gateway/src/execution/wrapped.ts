import { describe, faulty, none, refused, tellFault, type Write } from './written.ts';

/** Writes what must not be null. @param type as messages name it; @param parent the type whose field it is */
export function nonNullWriter(write: Write, type: string, parent: string): Write {
  return (value, writing) => {
    const written = write(value, writing);
    if (typeof written === 'string') return written;
    if (written === none)
      tellFault(writing, `Cannot return null for non-nullable ${describe(writing, type, parent)}.`);
    return refused;
  };
}

/** All elements are looked at, also those after one that makes the list null: each fault is told. */
export function listWriter(write: Write, type: string, parent: string): Write {
  return (value, writing) => {
    if (value === null || value === undefined) return none;
    if (!Array.isArray(value)) {
      tellFault(writing, `Invalid value found for ${describe(writing, type, parent)}.`);
      return faulty;
    }
    const { path } = writing;
    const { length } = value;
    const depth = path.length;
    let text = '';
    let isRefused = false;
    for (let index = 0; index < length; index += 1) {
      path[depth] = index;
      const written = write(value[index], writing);
      if (written === refused) isRefused = true;
      text += (index === 0 ? '[' : ',') + (typeof written === 'string' ? written : 'null');
    }
    path.length = depth;
    if (isRefused) return faulty;
    return length === 0 ? '[]' : `${text}]`;
  };
}
