/** Account numbers are text on the wire and stay text here; the document types the address's parameter as a number. */
export function accountInPath(id: string): number {
  return id as unknown as number;
}
