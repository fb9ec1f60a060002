import { messageOf } from '../errors.ts';

/** An exception as ClickHouse itself would report it. */
export class ClickHouseException extends Error {
  readonly code: number;
  /** The code's name, such as UNKNOWN_TABLE. */
  readonly type: string;

  constructor(code: number, type: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ClickHouseException';
    this.code = code;
    this.type = type;
  }

  /** The text that a server of this version sends. */
  textFor(version: string): string {
    return `Code: ${this.code}. DB::Exception: ${this.message} (${this.type}) (version ${version} (official build))`;
  }
}

const TEXT = /^Code: (\d+)\. DB::Exception: ([\s\S]*?)\s*\(([A-Z][A-Z0-9_]+)\)\s*$/;

/** What the engine threw, as an exception of ClickHouse. */
export function toClickHouseException(error: unknown): ClickHouseException {
  if (error instanceof ClickHouseException) return error;
  const match = TEXT.exec(messageOf(error));
  if (match === null)
    return new ClickHouseException(1002, 'UNKNOWN_EXCEPTION', messageOf(error), { cause: error });
  const [, code = '', message = '', type = ''] = match;
  return new ClickHouseException(Number(code), type, unwrap(message, code, type), { cause: error });
}

// Errors in an insert's rows come wrapped once more, "Code: 27. DB::Exception: <message>. (NAME) (version 26.7.2.1).",
// and name the file in which the rows were handed over, of which the client knows nothing.
function unwrap(message: string, code: string, type: string): string {
  const prefix = `Code: ${code}. DB::Exception: `;
  const inner = message.startsWith(prefix)
    ? message.slice(prefix.length).replace(new RegExp(`\\s*\\(${type}\\)( \\(version [^)]*\\))?\\.?$`), '')
    : message;
  return inner
    .replace(/: \(in file\/uri [^)]*\)/, '')
    .replace(/(: While executing File)?: data for INSERT was parsed from file/, '');
}

// Source: ClickHouse, src/Server/HTTP/exceptionCodeToHTTPStatus.cpp.
const STATUS_BY_TYPE: ReadonlyMap<string, number> = new Map(
  Object.entries({
    400: [
      'BAD_ARGUMENTS', 'CANNOT_COMPILE_REGEXP', 'CANNOT_PARSE_TEXT', 'CANNOT_PARSE_ESCAPE_SEQUENCE',
      'CANNOT_PARSE_QUOTED_STRING', 'CANNOT_PARSE_DATE', 'CANNOT_PARSE_DATETIME', 'CANNOT_PARSE_NUMBER',
      'CANNOT_PARSE_DOMAIN_VALUE_FROM_STRING', 'CANNOT_PARSE_IPV4', 'CANNOT_PARSE_IPV6',
      'CANNOT_PARSE_INPUT_ASSERTION_FAILED', 'CANNOT_PARSE_UUID', 'DUPLICATE_COLUMN', 'ILLEGAL_COLUMN',
      'UNKNOWN_ELEMENT_IN_AST', 'UNKNOWN_TYPE_OF_AST_NODE', 'THERE_IS_NO_COLUMN', 'TOO_DEEP_AST', 'TOO_BIG_AST',
      'UNEXPECTED_AST_STRUCTURE', 'SYNTAX_ERROR', 'INCORRECT_DATA', 'TYPE_MISMATCH', 'VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE',
    ],
    401: ['REQUIRED_PASSWORD'],
    403: ['UNKNOWN_USER', 'WRONG_PASSWORD', 'AUTHENTICATION_FAILED', 'SET_NON_GRANTED_ROLE', 'ACCESS_DENIED'],
    404: [
      'UNKNOWN_TABLE', 'UNKNOWN_FUNCTION', 'UNKNOWN_IDENTIFIER', 'UNKNOWN_TYPE', 'UNKNOWN_STORAGE', 'UNKNOWN_DATABASE',
      'UNKNOWN_SETTING', 'UNKNOWN_DIRECTION_OF_SORTING', 'UNKNOWN_AGGREGATE_FUNCTION', 'UNKNOWN_FORMAT',
      'UNKNOWN_DATABASE_ENGINE', 'UNKNOWN_TYPE_OF_QUERY', 'UNKNOWN_ROLE',
    ],
    408: ['TIMEOUT_EXCEEDED'],
    411: ['HTTP_LENGTH_REQUIRED'],
    413: ['QUERY_IS_TOO_LARGE'],
    415: ['UNSUPPORTED_MEDIA_TYPE'],
    501: ['NOT_IMPLEMENTED'],
    503: ['SOCKET_TIMEOUT', 'CANNOT_OPEN_FILE', 'CANNOT_SCHEDULE_TASK'],
  }).flatMap(([status, types]) => types.map((type) => [type, Number(status)] as const)),
); // prettier-ignore

/** The HTTP status with which a ClickHouse server answers the exception. */
export function httpStatusOf(exception: ClickHouseException): number {
  return STATUS_BY_TYPE.get(exception.type) ?? 500;
}
