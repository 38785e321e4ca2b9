// Buying, once: the same wish keeps its key until it was answered, so neither a second press nor a lost reply buys twice.

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { once } from "@/api/intent";
import { isUnknown } from "@/api/problem";
import { useToasts } from "@/kit/toasts";
import { subscribe, TOUCHED, type Wish } from "../reads";
import { useWords } from "../words";

export interface Subscribing {
  send: (wish: Wish) => Promise<void>;
  busy: boolean;
  error: unknown;
  /** Whether it may have been done all the same; then only the same wish makes sense. */
  unknown: boolean;
  forget: () => void;
}

export function useSubscribing(): Subscribing {
  const { t, amount } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { tell } = useToasts();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = async (wish: Wish): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      const made = await once("earn-subscribe", wish, (header) => subscribe(wish, header));
      tell(t("subscribe.done", { sum: amount(made.principal, made.asset), name: made.name }), "good");
      await navigate(`/earn/${made.id}`);
    } catch (refused) {
      setError(refused);
    } finally {
      setBusy(false);
      // Old, but not asked for again before it is looked at again: with its coupon used, this plan is refused.
      await client.invalidateQueries({ queryKey: ["earn-preview"], refetchType: "none" });
      await Promise.all(TOUCHED.map((key) => client.invalidateQueries({ queryKey: [key] })));
    }
  };
  return { send, busy, error, unknown: error !== null && isUnknown(error), forget: () => { setError(null); } };
}
