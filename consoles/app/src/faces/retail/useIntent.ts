// One thing a person wants done has one Idempotency-Key: kept while the same wish is sent again, new once it was answered or changed.

import { useRef } from "react";
import { idempotencyKey } from "@/api/client";
import { Refusal } from "@/api/problem";

/** Runs `send` with the key of this wish. `wish` is whatever makes it that wish and no other. */
export function useIntent(): <T>(wish: string, send: (key: string) => Promise<T>) => Promise<T> {
  const held = useRef<{ wish: string; key: string } | null>(null);
  return async (wish, send) => {
    if (held.current?.wish !== wish) held.current = { wish, key: idempotencyKey() };
    try {
      const answer = await send(held.current.key);
      held.current = null;
      return answer;
    } catch (error) {
      const unknown = error instanceof Refusal && (error.problem.status === 0 || error.problem.status >= 500);
      if (!unknown) held.current = null;
      throw error;
    }
  };
}
