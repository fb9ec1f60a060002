import 'graphiql/style.css';
import './playground.css';
import { createRoot } from 'react-dom/client';
import { loadConfiguration } from './configuration.ts';
import { Playground } from './playground.tsx';
import { createSessionStore } from './session.ts';

const container = document.getElementById('playground');
if (!container) throw new Error('The page has no place for the playground');

createRoot(container).render(
  <Playground configuration={await loadConfiguration()} session={createSessionStore()} />,
);
