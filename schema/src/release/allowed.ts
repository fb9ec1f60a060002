/** A breaking change that is meant. */
export interface Allowed {
  readonly message: string;
  readonly line: number;
  /** The comment above it; empty where there is none. */
  readonly reason: string;
}

export const allowedHeader = `# Breaking changes since the last release that are meant: the message that \`npm run schema:check\` prints, one a line, and
# above each, as a comment, why it is right and what clients do instead. A release (\`npm run schema:release\`) empties it.
`;

/** Lines that begin with # are comments; those right above a message are its reason. */
export function parseAllowed(text: string): Allowed[] {
  const allowed: Allowed[] = [];
  let reason: string[] = [];
  for (const [index, line] of text
    .slice(text.startsWith(allowedHeader) ? allowedHeader.length : 0)
    .split('\n')
    .entries()) {
    const trimmed = line.trim();
    if (trimmed.startsWith('#')) reason.push(trimmed.replace(/^#\s*/, ''));
    else if (trimmed === '') reason = [];
    else {
      allowed.push({ message: trimmed, line: index + 1, reason: reason.join(' ').trim() });
      reason = [];
    }
  }
  return allowed;
}
