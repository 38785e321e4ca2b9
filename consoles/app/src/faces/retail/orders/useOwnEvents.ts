// Own events, once per page: what is on the screen follows them at once where they tell everything, and is read again where they do not.

import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Schemas } from "@/api/client";
import { useFiredAlerts } from "@/faces/retail/alerts/useFiredAlerts";
import { useWords, type Words } from "@/faces/retail/words";
import { useMessages } from "@/feed/hooks";
import { useToasts } from "@/kit/toasts";
import { afterEvent, type Fill, type Order, type OrderEvent } from "./model";
import { kindOf, noticeText, remember, toneOf, type Notice } from "./notices";
import { FILLS_KEY, OPEN_KEY } from "./queries";

const REFRESH_MS = 800;
const PARTS_MS = 800; // parts of one execution come in a burst: only the last of them is worth a message
const MOST_FILLS = 500;

export function useOwnEvents(): void {
  const client = useQueryClient();
  const refresh = useRefresh(client);
  const report = useReport();
  const joined = useRef(false);
  useFiredAlerts();

  useMessages("orders", ({ seq, type, data }) => {
    if (type === "snapshot") {
      if (joined.current) refresh(); // events may have been missed
      joined.current = true;
      return;
    }
    const event = data as OrderEvent;
    client.setQueryData<Order[]>(OPEN_KEY, (open) => open && afterEvent(open, event));
    refresh();
    report(seq, event);
  });
  useMessages("fills", ({ type, data }) => {
    const told = (type === "snapshot" ? data : [data]) as Fill[];
    client.setQueryData<Fill[]>(FILLS_KEY, (before = []) => {
      const known = new Map([...told, ...before].map((fill) => [fill.id, fill]));
      return [...known.values()].sort((a, b) => Date.parse(b.executed_at) - Date.parse(a.executed_at)).slice(0, MOST_FILLS);
    });
  });
  useMessages("balances", ({ data }) => {
    client.setQueryData(["balances"], (data as Schemas["Page_BalanceOut_"]).items);
  });
}

/** Reads again what events do not tell whole, once for a burst of them. */
function useRefresh(client: QueryClient): () => void {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => () => { if (timer.current !== null) clearTimeout(timer.current); }, []);
  return () => {
    timer.current ??= setTimeout(() => {
      timer.current = null;
      void client.invalidateQueries({ queryKey: ["orders"] });
    }, REFRESH_MS);
  };
}

/** Says in words what happened, and keeps it. */
function useReport(): (seq: number, event: OrderEvent) => void {
  const client = useQueryClient();
  const words = useWords();
  const { tell } = useToasts();
  const parts = useRef(new Map<string, ReturnType<typeof setTimeout>>());
  const newest = useRef<Words>(words);
  useEffect(() => { newest.current = words; });
  useEffect(() => {
    const waiting = parts.current;
    return () => { for (const timer of waiting.values()) clearTimeout(timer); };
  }, []);

  const say = (notice: Notice): void => {
    parts.current.delete(notice.order.id);
    remember(client, notice);
    const tone = toneOf(notice);
    tell(noticeText(newest.current, notice), tone === "good" ? "good" : tone === "bad" ? "bad" : "info");
  };
  return (seq, order) => {
    const kind = kindOf(order);
    if (kind === null) return;
    clearTimeout(parts.current.get(order.id));
    const notice = { seq, kind, order };
    if (kind === "part") parts.current.set(order.id, setTimeout(() => { say(notice); }, PARTS_MS));
    else say(notice);
  };
}
