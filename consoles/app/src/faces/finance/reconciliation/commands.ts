import { useQueryClient } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";

type Result = Promise<Schemas["BreakWithNotes"]>;

interface Commands {
  resolve: (wish: Schemas["ResolveIn"]) => Result;
  /** Confirms the proposal that was read, no other. */
  confirm: (proposedAt: string | null) => Result;
  reject: (text: string) => Result;
  note: (text: string) => Result;
  assign: (owner: string) => Result;
}

/** What can be done with a break. Whatever came back, also nothing: the page then reads what is so. */
export function useCommands(id: string): Commands {
  const client = useQueryClient();
  const path = { id };
  const run = async (verb: string, wish: unknown, send: (header: { "Idempotency-Key": string }) => Result): Result => {
    try {
      return await once("break", [verb, id, wish], send);
    } finally {
      void client.invalidateQueries({ queryKey: ["finance"] });
    }
  };
  return {
    resolve: (body) => run("resolve", body, (header) => ask(api.POST("/v1/reconciliation/breaks/{id}/resolve", { body, params: { path, header } }))),
    confirm: (proposedAt) => run("confirm", proposedAt, (header) => ask(api.POST("/v1/reconciliation/breaks/{id}/confirm", { body: { proposed_at: proposedAt }, params: { path, header } }))),
    reject: (text) => run("reject", text, (header) => ask(api.POST("/v1/reconciliation/breaks/{id}/reject", { body: { text }, params: { path, header } }))),
    note: (text) => run("notes", text, (header) => ask(api.POST("/v1/reconciliation/breaks/{id}/notes", { body: { text }, params: { path, header } }))),
    assign: (owner) => run("assign", owner, (header) => ask(api.POST("/v1/reconciliation/breaks/{id}/assign", { body: { owner }, params: { path, header } }))),
  };
}
