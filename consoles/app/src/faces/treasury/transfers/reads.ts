// What treasury's moves read.

import { useQuery, type UseInfiniteQueryResult, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import { usePages } from "@/faces/retail/pages";

export type Transfer = Schemas["TreasuryTransferOut"];
export type TransferState = Transfer["state"];
export type Proposal = Schemas["TreasuryProposalOut"];
export type Rail = Schemas["TreasuryRailOut"];
export type Place = Schemas["TreasuryAddressOut"];
export type Wish = Schemas["TreasuryTransferIn"];

const LIVE_MS = 4_000;
const CALM_MS = 15_000;

export const UNDER_WAY: readonly TransferState[] = ["draft", "reserved", "sent", "unknown", "in_transit", "arrived"];

export function useTransfers(underWay: boolean): UseInfiniteQueryResult<Transfer[]> {
  return usePages<Transfer>(["treasury", "transfers", underWay], (cursor) => ask(api.GET("/v1/treasury/transfers", {
    params: { query: { limit: 50, ...(underWay ? { state: [...UNDER_WAY] } : {}), ...(cursor === null ? {} : { cursor }) } },
  })), LIVE_MS);
}

export function useTransfer(id: string): UseQueryResult<Transfer> {
  return useQuery({
    queryKey: ["treasury", "transfer", id], refetchInterval: LIVE_MS, queryFn: () => ask(api.GET("/v1/treasury/transfers/{id}", { params: { path: { id } } })),
  });
}

export function useProposals(): UseQueryResult<Proposal[]> {
  return useQuery({
    queryKey: ["treasury", "proposals"], refetchInterval: CALM_MS, queryFn: async () => (await ask(api.GET("/v1/treasury/proposals"))).items,
  });
}

export function useRails(): UseQueryResult<Rail[]> {
  return useQuery({ queryKey: ["treasury", "rails"], refetchInterval: CALM_MS, queryFn: async () => (await ask(api.GET("/v1/treasury/rails"))).items });
}

export function usePlaces(): UseQueryResult<Place[]> {
  return useQuery({ queryKey: ["treasury", "addresses"], refetchInterval: CALM_MS, queryFn: async () => (await ask(api.GET("/v1/treasury/addresses"))).items });
}
