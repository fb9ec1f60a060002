export declare function unreached(root: string, services: readonly string[]): string[];
