/** The errors of the event log, each with a stable `code`. */

export class EventLogError extends Error {
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Thrown by a handler: this record can never be read. It goes to the dead-letter topic with the reason. */
export class UnreadableRecordError extends EventLogError {
  readonly offset: string;
  readonly reason: string;
  constructor(offset: string, reason: string, options?: ErrorOptions) {
    super('UNREADABLE_RECORD', `The record at offset ${offset} can't be read: ${reason}`, options);
    this.offset = offset;
    this.reason = reason;
  }
}

export class InvalidCursorError extends EventLogError {
  constructor(cursor: string) {
    super('INVALID_CURSOR', `"${cursor.slice(0, 80)}" is not a cursor of this topic`);
  }
}

export class CursorExpiredError extends EventLogError {
  constructor(topic: string) {
    super('CURSOR_EXPIRED', `Records of ${topic} after this cursor are past retention: read the state anew`);
  }
}

export class RecordTooLargeError extends EventLogError {
  constructor(topic: string, bytes: number, limit: number) {
    super('RECORD_TOO_LARGE', `A record of ${bytes} bytes for ${topic}: the limit is ${limit}`);
  }
}

export class InvalidTopicError extends EventLogError {
  constructor(topic: string) {
    super(
      'INVALID_TOPIC',
      `"${topic.slice(0, 80)}" can't name a topic: 1 to 200 of a-z, A-Z, 0-9, ".", "_", "-"`,
    );
  }
}

export class EventLogClosedError extends EventLogError {
  constructor() {
    super('LOG_CLOSED', 'The event log is closed');
  }
}

/** The disk has no room (or a quota is used up). Nothing was appended. */
export class EventLogFullError extends EventLogError {
  constructor(directory: string, freeBytes: number, cause: unknown) {
    super('LOG_FULL', `No room on the disk of ${directory} (${freeBytes} bytes free): nothing was appended`, {
      cause,
    });
  }
}

/** The disk refused the write for another reason. Nothing was appended. */
export class EventLogWriteError extends EventLogError {
  constructor(directory: string, cause: unknown) {
    super('LOG_WRITE_FAILED', `Writing to the event log in ${directory} failed: nothing was appended`, {
      cause,
    });
  }
}

/** The data directory is not one that this version can use. It has not been touched. */
export class EventLogFormatError extends EventLogError {
  constructor(directory: string, reason: string, options?: ErrorOptions) {
    super(
      'LOG_FORMAT',
      `The event log in ${directory} can't be used: ${reason}. It was left untouched`,
      options,
    );
  }
}

/** The brokers did not answer. */
export class EventLogUnavailableError extends EventLogError {
  constructor(brokers: readonly string[], seconds: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super('LOG_UNAVAILABLE', `Kafka at ${brokers.join(', ')} did not answer in ${seconds} s: ${reason}`, {
      cause,
    });
  }
}
