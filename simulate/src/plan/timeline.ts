/** Entries by time: the earliest comes out first, those of the same instant in the order they were put in. */
export interface Timeline<T> {
  push(at: number, entry: T): void;
  pop(): T | undefined;
}

interface Node<T> {
  readonly at: number;
  readonly order: number;
  readonly entry: T;
}

/** A binary heap (Williams 1964): thousands of learners cost a dozen comparisons an action. */
export function createTimeline<T>(): Timeline<T> {
  const heap: Node<T>[] = [];
  let order = 0;

  const isBefore = (a: Node<T>, b: Node<T>) => a.at < b.at || (a.at === b.at && a.order < b.order);

  function rise(index: number): void {
    const parent = (index - 1) >> 1;
    if (index === 0 || !swapIfBefore(index, parent)) return;
    rise(parent);
  }

  function sink(index: number): void {
    const [left, right] = [2 * index + 1, 2 * index + 2];
    const [a, b] = [heap[left], heap[right]];
    const least = b !== undefined && a !== undefined && isBefore(b, a) ? right : left;
    if (least < heap.length && swapIfBefore(least, index)) sink(least);
  }

  /** Puts the later-placed entry forward where it is earlier. */
  function swapIfBefore(lower: number, upper: number): boolean {
    const [a, b] = [heap[lower], heap[upper]];
    if (a === undefined || b === undefined || !isBefore(a, b)) return false;
    heap[lower] = b;
    heap[upper] = a;
    return true;
  }

  return {
    push(at, entry) {
      heap.push({ at, order: order++, entry });
      rise(heap.length - 1);
    },
    pop() {
      const first = heap[0];
      const last = heap.pop();
      if (first === undefined || last === undefined) return undefined;
      if (heap.length > 0) {
        heap[0] = last;
        sink(0);
      }
      return first.entry;
    },
  };
}
