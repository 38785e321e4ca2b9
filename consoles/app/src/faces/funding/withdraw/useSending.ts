// From the pressed button to a withdrawal. One wish has one idempotency key: while no answer came it is *unknown*, it is looked up among one's own
// withdrawals, and asking again asks with the same key, so it is never made twice. Until it is known nothing else is sent from here.

import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { useNavigate } from "react-router";
import { idempotencyKey } from "@/api/client";
import { isUnknown } from "@/api/problem";
import { useToasts } from "@/kit/toasts";
import { useSession } from "@/session/session";
import { madeBy } from "../model";
import { newestWithdrawals, TOUCHED, withdraw } from "../reads";
import type { Entry, Wish, Withdrawal } from "../wire";
import { useWords } from "../words";

export interface Sent {
  wish: Wish;
  to: Entry;
  key: string;
  /** The withdrawals there were before. */
  before: ReadonlySet<string>;
}

export interface Sending {
  /** What was sent and not answered. */
  unknown: Sent | null;
  /** Whether it was looked for and is not there so far. */
  looked: boolean;
  busy: boolean;
  /** @throws Refusal when nothing was done, and why. */
  send: (wish: Wish, to: Entry, before: ReadonlySet<string>) => Promise<void>;
  lookUp: () => Promise<void>;
  again: () => Promise<void>;
}

/** What was sent and not answered, by customer: whoever looks at another room meanwhile finds the question where it was left. */
const unanswered = new Map<string, Sent>();

type Proven = <T>(deed: () => Promise<T>) => Promise<T>;

export function useSending(proven: Proven): Sending {
  const { me } = useSession();
  const customer = me?.id ?? "";
  const [unknown, setUnknown] = useState<Sent | null>(() => unanswered.get(customer) ?? null);
  const [looked, setLooked] = useState(false);
  const [busy, setBusy] = useState(false);
  const { refused } = useToasts();
  const made = useMade();

  const settle = useCallback((sent: Sent | null) => {
    if (sent === null) unanswered.delete(customer);
    else unanswered.set(customer, sent);
    setUnknown(sent);
  }, [customer]);

  const lookFor = useCallback(async (sent: Sent): Promise<void> => {
    setLooked(false);
    const found = await newestWithdrawals().catch(() => null);
    if (found === null) return;
    const one = madeBy({ ...sent.wish, address: sent.to.address, memo: sent.to.memo }, sent.before, found);
    if (one === null) { setLooked(true); return; }
    settle(null);
    await made(one);
  }, [settle, made]);

  const deliver = useCallback(async (sent: Sent): Promise<void> => {
    unanswered.set(customer, sent);
    try {
      const one = await proven(() => withdraw(sent.wish, { "Idempotency-Key": sent.key }));
      settle(null);
      await made(one);
    } catch (error) {
      if (!isUnknown(error)) { settle(null); throw error; }
      settle(sent);
      await lookFor(sent);
    }
  }, [customer, proven, settle, made, lookFor]);

  const alone = async (run: () => Promise<void>): Promise<void> => {
    setBusy(true);
    try {
      await run();
    } finally {
      setBusy(false);
    }
  };
  return {
    unknown, looked, busy,
    send: (wish, to, before) => deliver({ wish, to, before, key: idempotencyKey() }),
    lookUp: () => alone(async () => { if (unknown !== null) await lookFor(unknown); }),
    again: () => alone(async () => { if (unknown !== null) await deliver(unknown).catch(refused); }),
  };
}

function useMade(): (one: Withdrawal) => Promise<void> {
  const { t, amount } = useWords();
  const { tell } = useToasts();
  const client = useQueryClient();
  const navigate = useNavigate();
  return useCallback(async (one: Withdrawal) => {
    tell(t("withdraw.made", { sum: amount(one.amount, one.asset) }), "good");
    await Promise.all(TOUCHED.map((key) => client.invalidateQueries({ queryKey: [key] })));
    await navigate(`/withdrawals/${one.id}`);
  }, [t, amount, tell, client, navigate]);
}
