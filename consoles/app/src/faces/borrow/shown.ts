import { useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { useSwitchedOff } from "@/app/house";

/** Where the house lends no more, the door is for those who have a loan, be it one that has ended. */
export function useBorrowShown(): boolean {
  const off = useSwitchedOff("lending");
  const { data: any } = useQuery({
    queryKey: ["loans", "any"], enabled: off,
    queryFn: async () => (await ask(api.GET("/v1/loans", { params: { query: { limit: 1 } } }))).items.length > 0,
  });
  return !off || any === true;
}
