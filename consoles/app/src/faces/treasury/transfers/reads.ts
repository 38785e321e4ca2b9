// What treasury's moves read.

import type { UseInfiniteQueryResult, UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import { CALM_MS, useLive, useLivePages } from "../live";

export type Transfer = Schemas["TreasuryTransferOut"];
export type TransferState = Transfer["state"];
export type Proposal = Schemas["TreasuryProposalOut"];
export type Rail = Schemas["TreasuryRailOut"];
export type Place = Schemas["TreasuryAddressOut"];
export type Wish = Schemas["TreasuryTransferIn"];

export const UNDER_WAY: readonly TransferState[] = ["draft", "reserved", "sent", "unknown", "in_transit", "arrived"];

export function useTransfers(underWay: boolean): UseInfiniteQueryResult<Transfer[]> {
  const wanted = underWay ? { state: [...UNDER_WAY] } : {};
  return useLivePages<Transfer>(["treasury", "transfers", underWay], (part) => ask(api.GET("/v1/treasury/transfers", { params: { query: { ...wanted, ...part } } })));
}

export function useTransfer(id: string): UseQueryResult<Transfer> {
  return useLive(["treasury", "transfer", id], () => ask(api.GET("/v1/treasury/transfers/{id}", { params: { path: { id } } })));
}

export function useProposals(): UseQueryResult<Proposal[]> {
  return useLive(["treasury", "proposals"], async () => (await ask(api.GET("/v1/treasury/proposals"))).items, CALM_MS);
}

export function useRails(): UseQueryResult<Rail[]> {
  return useLive(["treasury", "rails"], async () => (await ask(api.GET("/v1/treasury/rails"))).items, CALM_MS);
}

export function usePlaces(): UseQueryResult<Place[]> {
  return useLive(["treasury", "addresses"], async () => (await ask(api.GET("/v1/treasury/addresses"))).items, CALM_MS);
}
