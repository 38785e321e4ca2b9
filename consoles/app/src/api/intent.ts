// One thing a person wants done has one Idempotency-Key, for as long as its outcome is unknown: also after the dialog was closed to look.

import { idempotencyKey } from "./client";
import { isUnknown } from "./problem";

export interface KeyHeader { "Idempotency-Key": string }

const unanswered = new Map<string, string>();

/**
 * Runs `send` with the key of this wish. The same deed with the same wish keeps its key until it was answered, so repeating it does it once;
 * what was answered, by success or refusal, gets a new key next time.
 * @param wish whatever makes it that wish and no other, as JSON.
 */
export async function once<T>(deed: string, wish: unknown, send: (header: KeyHeader) => Promise<T>): Promise<T> {
  const words = `${deed} ${JSON.stringify(wish)}`;
  const key = unanswered.get(words) ?? idempotencyKey();
  unanswered.set(words, key);
  try {
    const answer = await send({ "Idempotency-Key": key });
    unanswered.delete(words);
    return answer;
  } catch (error) {
    if (!isUnknown(error)) unanswered.delete(words);
    throw error;
  }
}
