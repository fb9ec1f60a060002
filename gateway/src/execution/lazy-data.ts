type Data = Record<string, unknown>;

const texts = new WeakMap<object, string>();

/**
 * The data of an answer that is written already. Whoever looks into it finds what any result of GraphQL holds, parsed then;
 * as long as nobody has, what is sent is the text as it is. After that it might have been changed.
 */
export function lazyData(text: string): Data {
  const target: Data = {};
  const open = () => {
    if (!texts.delete(data)) return;
    for (const [name, value] of Object.entries(JSON.parse(text) as Data))
      Object.defineProperty(target, name, { value, writable: true, enumerable: true, configurable: true });
  };
  const data = new Proxy(target, handlerOf(open));
  texts.set(data, text);
  return data;
}

/** The text of data that nobody has looked into. */
export function textOfData(data: object): string | undefined {
  return texts.get(data);
}

function handlerOf(open: () => void): ProxyHandler<Data> {
  return {
    get(target, name, receiver): unknown {
      open();
      return Reflect.get(target, name, receiver);
    },
    set(target, name, value) {
      open();
      return Reflect.set(target, name, value);
    },
    has(target, name) {
      open();
      return Reflect.has(target, name);
    },
    ownKeys(target) {
      open();
      return Reflect.ownKeys(target);
    },
    getOwnPropertyDescriptor(target, name) {
      open();
      return Reflect.getOwnPropertyDescriptor(target, name);
    },
    defineProperty(target, name, attributes) {
      open();
      return Reflect.defineProperty(target, name, attributes);
    },
    deleteProperty(target, name) {
      open();
      return Reflect.deleteProperty(target, name);
    },
  };
}
