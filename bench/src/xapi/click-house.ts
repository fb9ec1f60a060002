/** Asks an embedded ClickHouse over HTTP, as any tool would. @throws Error with its answer */
export async function ask(url: string, query: string, rows?: string): Promise<string> {
  const at = `${url}/?${new URLSearchParams({ database: 'lyceum', ...(rows === undefined ? {} : { query }) }).toString()}`;
  const response = await fetch(at, { method: 'POST', body: rows ?? query });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text.trim();
}
