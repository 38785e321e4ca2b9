export function useOwnEvents(): void {
  // own events bring the queries up to date
}
