import { api, ask } from "@/api/client";
import { usePages, type Pages } from "@/faces/finance/parts/pages";
import { lookAgainIn, type RefusedRow, type Run } from "./model";

const EVERY_MS = 10_000;

export function useRuns(asked: boolean): Pages<Run> {
  return usePages(["earn", "payouts", "runs"], (cursor) => ask(api.GET("/v1/earn/payouts", { params: { query: { cursor, limit: 25 } } })), (runs) => lookAgainIn(runs, asked));
}

export function useRefusedRows(): Pages<RefusedRow> {
  return usePages(["earn", "payouts", "refused"], (cursor) => ask(api.GET("/v1/earn/payouts/refused", { params: { query: { cursor, limit: 50 } } })), () => EVERY_MS);
}
