import { viewerMay, type Viewer } from '@lyceum/service';

/** May the viewer see what others of their organisation did? */
export function seesAll(viewer: Viewer): boolean {
  return viewerMay(viewer, 'statement.read.all');
}
