// What the rooms of customers' money and of treasury's moves read. Nothing here is pushed: it is asked for again while it is looked at.

import { useQuery, useQueryClient, type UseInfiniteQueryResult, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import { useNetworks } from "@/faces/funding/reads";
import { usePages } from "@/faces/retail/pages";
import { networkName } from "../place";

export type Withdrawal = Schemas["WithdrawalOut"];
export type WithdrawalState = Schemas["WithdrawalState"];
export type Deposit = Schemas["DepositOut"];
export type DepositStatus = Schemas["DepositStatus"];
export type Approval = Schemas["ApprovalOut"];

const LIVE_MS = 4_000;
const CALM_MS = 10_000;
const MOST_ASKED = 200;

const from = (cursor: string | null): { cursor?: string } => (cursor === null ? {} : { cursor });

export function useWithdrawals(query: { state?: WithdrawalState; customer_id?: string }): UseInfiniteQueryResult<Withdrawal[]> {
  return usePages<Withdrawal>(
    ["treasury", "withdrawals", query], (cursor) => ask(api.GET("/v1/withdrawals", { params: { query: { ...query, limit: 50, ...from(cursor) } } })), LIVE_MS,
  );
}

export function useWithdrawal(id: string): UseQueryResult<Withdrawal> {
  return useQuery({
    queryKey: ["treasury", "withdrawal", id], refetchInterval: LIVE_MS, queryFn: () => ask(api.GET("/v1/withdrawals/{id}", { params: { path: { id } } })),
  });
}

export function useDeposits(status: DepositStatus): UseInfiniteQueryResult<Deposit[]> {
  return usePages<Deposit>(
    ["treasury", "deposits", status], (cursor) => ask(api.GET("/v1/deposits", { params: { query: { status, limit: 50, ...from(cursor) } } })), CALM_MS,
  );
}

/** What waits for a second person, by the thing it is about. */
export function useAsked(kind: string): ReadonlyMap<string, Approval> {
  const { data = [] } = useQuery({
    queryKey: ["approvals", "open", kind], refetchInterval: LIVE_MS,
    queryFn: async () => (await ask(api.GET("/v1/approvals", { params: { query: { kind, state: "requested", limit: MOST_ASKED } } }))).items,
  });
  return new Map(data.map((one) => [one.resource_id, one]));
}

export function useApproval(id: string): UseQueryResult<Approval> {
  return useQuery({
    queryKey: ["approvals", "one", id], refetchInterval: LIVE_MS, queryFn: () => ask(api.GET("/v1/approvals/{id}", { params: { path: { id } } })),
  });
}

/** Whether it is still on its way to a decision, or to being carried out. */
export const isOpen = ({ state }: Pick<Approval, "state">): boolean => state === "requested" || state === "granted";

/** What a network is called. */
export function useNetworkName(): (network: string) => string {
  const { data } = useNetworks();
  return (network) => data?.find((one) => one.network === network)?.title ?? networkName(network);
}

/** Whatever was answered to a deed: look what is so now. */
export function useLookAgain(): () => void {
  const client = useQueryClient();
  return () => {
    void client.invalidateQueries({ queryKey: ["treasury"] });
    void client.invalidateQueries({ queryKey: ["approvals"] });
  };
}
