import { useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { useSwitchedOff } from "@/app/house";

/** Where the house sells none any more, the door is for those who have one, be it one that has ended. */
export function useEarnShown(): boolean {
  const off = useSwitchedOff("earn");
  const { data: any } = useQuery({
    queryKey: ["earn-mine", "any"], enabled: off,
    queryFn: async () => (await ask(api.GET("/v1/earn/subscriptions", { params: { query: { limit: 1 } } }))).items.length > 0,
  });
  return !off || any === true;
}
