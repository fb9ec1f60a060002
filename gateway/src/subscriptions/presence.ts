import { isIPv6 } from 'node:net';
import type { Metrics, Viewer } from '@lyceum/service';
import type { LiveLimits } from './live-limits.ts';

export type Transport = 'websocket' | 'event-stream' | 'single-event-stream' | 'multipart';

/** Who is connected, counted by address and by user. */
export interface Presence {
  /** Undefined where so many are there from this address that no more come in. */
  enter(transport: Transport, address: string): Guest | undefined;
}

/** One connection. */
export interface Guest {
  /** Says whose it is; whether they may have one more. Nobody's are counted by address alone. */
  identify(viewer: Viewer | undefined): boolean;
  /** It has ended. */
  leave(): void;
}

type Limits = Pick<LiveLimits, 'connectionsPerAddress' | 'connectionsPerUser'>;

export function createPresence(options: { limits: Limits; metrics: Metrics }): Presence {
  const { limits, metrics } = options;
  const addresses = createCounts(limits.connectionsPerAddress);
  const users = createCounts(limits.connectionsPerUser);
  const open = metrics.gauge({
    name: 'lyceum_gateway_connections',
    help: 'Connections of clients that stay: sockets and streamed answers.',
    labelNames: ['transport'],
  });
  const refused = metrics.counter({
    name: 'lyceum_gateway_connections_refused_total',
    help: 'Connections that were refused because of how many there are already, by whose they would have been.',
    labelNames: ['limit'],
  });

  return {
    enter(transport, address) {
      const place = placeOf(address);
      if (!addresses.add(place)) {
        refused.inc({ limit: 'address' });
        return undefined;
      }
      open.inc({ transport });
      let userId: string | undefined;
      let left = false;
      return {
        identify(viewer) {
          if (!viewer || left) return true;
          if (users.add(viewer.userId)) userId = viewer.userId;
          else refused.inc({ limit: 'user' });
          return userId !== undefined;
        },
        leave() {
          if (left) return;
          left = true;
          open.dec({ transport });
          addresses.remove(place);
          if (userId !== undefined) users.remove(userId);
        },
      };
    },
  };
}

function createCounts(limit: number) {
  const counts = new Map<string, number>();
  return {
    /** Whether there was room. */
    add(key: string): boolean {
      const count = counts.get(key) ?? 0;
      if (count >= limit) return false;
      counts.set(key, count + 1);
      return true;
    },
    remove(key: string): void {
      const count = counts.get(key) ?? 0;
      if (count > 1) counts.set(key, count - 1);
      else counts.delete(key);
    },
  };
}

/** Whoever has one address of IPv6 has the 2^64 of its network (RFC 4291, 2.5.4). */
function placeOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !isIPv6(address)) return mapped ?? address;
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const front = head.split(':').filter(Boolean);
  const back = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const whole = [...front, ...Array<string>(8 - front.length - back.length).fill('0'), ...back];
  return whole
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':');
}
