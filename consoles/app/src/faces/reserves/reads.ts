// What the room reads and asks for. The two answers are kept as they came, since they are what is checked and downloaded.

import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import type { KeyHeader } from "@/api/intent";
import { Refusal } from "@/api/problem";

export type Published = Schemas["ReservesOut"];
export type AssetFigures = Schemas["ReservesAssetOut"];
export type OwnProof = Schemas["ReservesProofOut"];
export type Snapshot = Schemas["ReservesSnapshotOut"];

const NEWEST = 30;
const WATCH_MS = 5_000;
const CALM_MS = 60_000;

/** Whoever may ask for one more waits for it. */
export function usePublished(waits: boolean): UseQueryResult<Published[]> {
  return useQuery({ queryKey: ["reserves"], refetchInterval: waits ? WATCH_MS : CALM_MS, queryFn: async () => (await ask(api.GET("/v1/reserves", { params: { query: { limit: NEWEST } } }))).items });
}

/** The own part of the newest snapshot, asked for anew with each; null where it has been forgotten meanwhile. */
export function useProof(newest: string | undefined): UseQueryResult<OwnProof | null> {
  return useQuery({ queryKey: ["reserves-proof", newest], enabled: newest !== undefined, queryFn: async () => {
    try {
      return await ask(api.GET("/v1/reserves/proof"));
    } catch (error) {
      if (error instanceof Refusal && error.code === "not_found") return null;
      throw error;
    }
  } });
}

export function useSnapshots(): UseQueryResult<Snapshot[]> {
  return useQuery({
    queryKey: ["reserves-snapshots"], refetchInterval: WATCH_MS,
    queryFn: async () => (await ask(api.GET("/v1/reserves/snapshots", { params: { query: { limit: 10 } } }))).items,
  });
}

export const askForSnapshot = (header: KeyHeader): Promise<Snapshot> => ask(api.POST("/v1/reserves/snapshots", { params: { header } }));
