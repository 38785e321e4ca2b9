import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";

export type Balance = Schemas["BalanceOut"];

/** What one has. useOwnEvents keeps it live. */
export function useBalances(): UseQueryResult<Balance[]> {
  return useQuery({ queryKey: ["balances"], queryFn: async () => (await ask(api.GET("/v1/balances"))).items });
}
