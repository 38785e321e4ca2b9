import { useRef } from "react";
import { idempotencyKey } from "@/api/client";

/**
 * One key per intent: the same wish sent again after no answer came carries the same key, so that it is done once.
 * Another wish, or the next one after a success, gets a new key.
 */
export function useIntent(): <T>(wish: unknown, send: (headers: { "Idempotency-Key": string }) => Promise<T>) => Promise<T> {
  const held = useRef<{ wish: string; key: string } | null>(null);
  return async (wish, send) => {
    const words = JSON.stringify(wish);
    if (held.current?.wish !== words) held.current = { wish: words, key: idempotencyKey() };
    const done = await send({ "Idempotency-Key": held.current.key });
    held.current = null;
    return done;
  };
}
