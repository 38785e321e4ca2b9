// React's side of the live feed.

import { createContext, use, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from "react";
import { flushSync } from "react-dom";
import type { Schemas } from "@/api/client";
import { useSession } from "@/session/session";
import { Connection, type Message, type Status } from "./connection";

/** What the state channels carry: the same shapes as the routes that answer the same question. */
interface States {
  quotes: Schemas["QuotesOut"];
  book: Schemas["BookOut"];
  balances: Schemas["Page_BalanceOut_"];
}

const Context = createContext<Connection | null>(null);

/** Opens the socket while somebody is logged in. */
export function FeedProvider({ children }: { children: ReactNode }): ReactNode {
  const [connection] = useState(() => {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    return new Connection(`${scheme}://${location.host}/v1/stream`, flushSync);
  });
  const { me, lookAgain } = useSession();
  useEffect(() => {
    connection.start(lookAgain);
    return () => { connection.stop(); };
  }, [connection, me, lookAgain]); // another session, another socket
  return <Context value={connection}>{children}</Context>;
}

function useConnection(): Connection {
  const connection = use(Context);
  if (connection === null) throw new Error("no FeedProvider above");
  return connection;
}

/** The newest state of a state channel (`quotes:`, `book:`, `balances`); null until the first one came. */
export function useLatest<C extends keyof States>(kind: C, subject?: string): States[C] | null {
  const channel = subject === undefined ? kind : `${kind}:${subject}`;
  const connection = useConnection();
  const [held, setHeld] = useState<{ channel: string; data: States[C] } | null>(null);
  useEffect(
    () => connection.listen(channel, (message) => { setHeld({ channel, data: message.data as States[C] }); }),
    [connection, channel],
  );
  return held?.channel === channel ? held.data : null;
}

/** Every message of a channel, in order, once; the first one is a snapshot. */
export function useMessages(channel: string, handle: (message: Message) => void): void {
  const connection = useConnection();
  const newest = useRef(handle);
  useEffect(() => { newest.current = handle; });
  useEffect(() => connection.listen(channel, (message) => { newest.current(message); }), [connection, channel]);
}

export function useFeedStatus(): Status {
  const connection = useConnection();
  return useSyncExternalStore((told) => connection.watch(told), () => connection.status);
}

/** Whole seconds since the channel last spoke, looked at once a second; null before its first word. */
export function useAge(channel: string): number | null {
  const connection = useConnection();
  const [age, setAge] = useState<number | null>(null);
  useEffect(() => {
    const look = (): void => {
      const at = connection.heardAt(channel);
      setAge(at === 0 ? null : Math.max(0, Math.floor((Date.now() - at) / 1000)));
    };
    look();
    const timer = setInterval(look, 1000);
    return () => { clearInterval(timer); };
  }, [connection, channel]);
  return age;
}
