/** An address as a log may show it: `a…@example.org`. */
export function redactAddress(address: string): string {
  return address.replace(/^(.)[^]*@/u, '$1…@');
}
