/** Where the house sells none any more, the door is for those who have one, be it one that has ended. */
export function useEarnShown(): boolean {
  return true;
}
