import type { EventHandlers } from '@lyceum/events';
import type { ToldAnswers } from '../domain/privacy/told-answers.ts';
import type { Database } from '../store/store.ts';

/** Takes in what the others tell of people's data. */
export function onPersonalDataAnswered(options: {
  store: Database;
  answers: ToldAnswers;
  /** Called after the end of a part: it may be identity's turn. */
  onDone: () => void;
}): EventHandlers {
  const { store, answers, onDone } = options;
  return {
    'personal-data.piece': ({ data }) => store.transaction((tx) => answers.takePiece(tx, data)),
    'personal-data.done': async ({ data }) => {
      await store.transaction((tx) => answers.takeDone(tx, data));
      onDone();
    },
  };
}
