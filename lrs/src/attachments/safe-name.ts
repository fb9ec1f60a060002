/** Whatever an organisation is called, what lies under its name is its own, in a directory as in a bucket. */
export function safeName(organisationId: string): string {
  return encodeURIComponent(organisationId).replaceAll('.', '%2E');
}
