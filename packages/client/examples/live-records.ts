import { StatementReceivedDocument, type Gap, type LyceumClient } from '@lyceum/client';

/** What learners do, as it is recorded: each record once, whatever becomes of the connection. */
export function showRecords(
  client: LyceumClient,
  page: {
    append(line: string, id: string): void;
    reload(why: Gap['reason']): void;
    sayOffline(is: boolean): void;
    end(why: Error): void;
  },
): () => void {
  const unwatch = client.connection.onChange(() => {
    page.sayOffline(client.connection.current().status === 'waiting');
  });
  const leave = client.subscribe(
    StatementReceivedDocument,
    { filter: null },
    {
      next: ({ data }) => {
        if (!data) return;
        const { id, actor, verb, activity } = data.statementReceived.statement;
        page.append(`${actor.name ?? 'Somebody'} ${verb.display ?? verb.iri} ${activity?.name ?? ''}`, id);
      },
      // Away for longer than the log keeps, or before anything came: what is shown is asked for anew.
      gap: ({ reason }) => {
        page.reload(reason);
      },
      error: (why) => {
        page.end(why);
      },
    },
  );
  return () => {
    unwatch();
    leave();
  };
}
