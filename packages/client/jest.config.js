import { workspaceProject } from '@lyceum/build/jest';

export default workspaceProject({ directory: import.meta.dirname });
