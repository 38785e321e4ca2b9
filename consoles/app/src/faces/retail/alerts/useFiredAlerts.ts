// No channel tells of price alerts, so the list is looked at now and then, and what fired since the last look is said.

import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api, ask } from "@/api/client";
import { useWords } from "@/faces/retail/words";
import { useToasts } from "@/kit/toasts";
import { useSession } from "@/session/session";

const EVERY_MS = 10_000;

export function useFiredAlerts(): void {
  const { may } = useSession();
  const { t, price } = useWords();
  const { tell } = useToasts();
  const { data } = useQuery({
    queryKey: ["price-alerts", "watch"],
    queryFn: async () => (await ask(api.GET("/v1/price-alerts", { params: { query: { limit: 100 } } }))).items,
    refetchInterval: EVERY_MS,
    enabled: may("alerts:write"),
  });
  const seen = useRef<ReadonlyMap<string, number> | null>(null);
  useEffect(() => {
    if (data === undefined) return;
    const before = seen.current;
    seen.current = new Map(data.map((alert) => [alert.id, alert.fired]));
    if (before === null) return;
    for (const alert of data) {
      if (alert.fired > (before.get(alert.id) ?? 0)) {
        tell(t(`retail_more:alert.told_${alert.direction}`, { symbol: alert.symbol, price: price(alert.price, alert.symbol), note: alert.note ?? "" }).trim());
      }
    }
  }, [data, t, price, tell]);
}
