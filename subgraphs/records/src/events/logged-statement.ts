import type { LoggedStatement, Statement } from '@lyceum/xapi';
import type { StatementRow } from '../store/statements.ts';

/** A statement from the log as it will be read from ClickHouse. What takes parsing is parsed when it is asked for. */
export function rowOfLogged(logged: LoggedStatement): StatementRow {
  let parsed: Statement | undefined;
  const statement = () => (parsed ??= logged.parse());
  const { id, stored, verb, activity, actor, text } = logged;
  return {
    ...{ id, stored, verb, activity, actor, text },
    get timestamp() {
      return statement().timestamp ?? stored;
    },
    get success() {
      return statement().result?.success ?? null;
    },
    get completion() {
      return statement().result?.completion ?? null;
    },
    get scoreScaled() {
      return statement().result?.score?.scaled ?? null;
    },
  };
}
