// What the rooms of customers' money and of treasury's moves read.

import { useQueryClient, type UseInfiniteQueryResult, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import { useNetworks } from "@/faces/funding/reads";
import { CALM_MS, useLive, useLivePages } from "../live";
import { networkName } from "../place";

export type Withdrawal = Schemas["WithdrawalOut"];
export type WithdrawalState = Schemas["WithdrawalState"];
export type Deposit = Schemas["DepositOut"];
export type DepositStatus = Schemas["DepositStatus"];
export type Approval = Schemas["ApprovalOut"];

const MOST_ASKED = 200;

export function useWithdrawals(wanted: { state?: WithdrawalState; customer_id?: string }): UseInfiniteQueryResult<Withdrawal[]> {
  return useLivePages<Withdrawal>(["treasury", "withdrawals", wanted], (part) => ask(api.GET("/v1/withdrawals", { params: { query: { ...wanted, ...part } } })));
}

export function useWithdrawal(id: string): UseQueryResult<Withdrawal> {
  return useLive(["treasury", "withdrawal", id], () => ask(api.GET("/v1/withdrawals/{id}", { params: { path: { id } } })));
}

export function useDeposits(status: DepositStatus): UseInfiniteQueryResult<Deposit[]> {
  return useLivePages<Deposit>(["treasury", "deposits", status], (part) => ask(api.GET("/v1/deposits", { params: { query: { status, ...part } } })), CALM_MS);
}

/** What waits for a second person, by the thing it is about. */
export function useAsked(kind: string): ReadonlyMap<string, Approval> {
  const query = { kind, state: "requested" as const, limit: MOST_ASKED };
  const { data = [] } = useLive(["approvals", "open", kind], async () => (await ask(api.GET("/v1/approvals", { params: { query } }))).items);
  return new Map(data.map((one) => [one.resource_id, one]));
}

export function useApproval(id: string): UseQueryResult<Approval> {
  return useLive(["approvals", "one", id], () => ask(api.GET("/v1/approvals/{id}", { params: { path: { id } } })));
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
