// Who is logged in. The session itself is an HttpOnly cookie that no script sees; we only know whose it is and what they may do.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, use, useCallback, useEffect, useMemo, type ReactNode } from "react";
import { api, ask, idempotencyKey, keepCsrfToken, whenSessionChanges, whenSessionEnds, type Schemas } from "@/api/client";
import { Refusal } from "@/api/problem";

export type Me = Schemas["MeOut"];
export type Permission = Schemas["Permission"];

const ME = ["me"] as const;

/** Six digits are the app's, everything else a recovery code. */
export function proofOf(code: string): { totp?: string; recovery_code?: string } {
  const text = code.trim();
  if (text === "") return {};
  return /^\d{3} ?\d{3}$/.test(text) ? { totp: text.replace(" ", "") } : { recovery_code: text };
}

interface Session {
  me: Me | null;
  may: (permission: Permission) => boolean;
  /** `code`: of the authenticator app, or a recovery code; needed by those who enrolled one. */
  login: (email: string, password: string, code: string) => Promise<void>;
  loginWithPasskey: () => Promise<void>;
  logout: () => Promise<void>;
  /** Asks who is logged in now: the session may have changed in another tab. */
  lookAgain: () => void;
}

const Context = createContext<Session | null>(null);

async function whoAmI(): Promise<Me | null> {
  try {
    const me = await ask(api.GET("/v1/me"));
    keepCsrfToken(me.csrf_token ?? null);
    return me;
  } catch (error) {
    if (error instanceof Refusal && error.problem.status === 401) return null;
    throw error;
  }
}

export function SessionProvider({ children, waiting }: { children: ReactNode; waiting: (error: unknown, retry: () => void) => ReactNode }): ReactNode {
  const client = useQueryClient();
  const { data: me, error, refetch } = useQuery({ queryKey: ME, queryFn: whoAmI, staleTime: Infinity, retry: false });

  const forget = useCallback(() => {
    keepCsrfToken(null);
    client.setQueryData(ME, null);
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== ME[0] }); // the next person sees nothing of this one
  }, [client]);
  useEffect(() => { whenSessionEnds(forget); }, [forget]);

  const again = useCallback(async () => {
    const before = client.getQueryData<Me | null>(ME);
    const now = await whoAmI();
    if (now === null) { forget(); return; }
    if (now.id !== before?.id) client.removeQueries({ predicate: (query) => query.queryKey[0] !== ME[0] });
    client.setQueryData(ME, now);
  }, [client, forget]);
  const lookAgain = useCallback(() => { again().catch(() => undefined); }, [again]); // without an answer the next request asks again
  useEffect(() => { whenSessionChanges(lookAgain); }, [lookAgain]);

  const session = useMemo<Session>(() => {
    const permissions = new Set(me?.permissions ?? []);
    const opened = async (login: Schemas["LoginOut"]): Promise<void> => {
      keepCsrfToken(login.csrf_token ?? null);
      client.setQueryData(ME, await whoAmI());
    };
    return {
      me: me ?? null,
      may: (permission) => permissions.has(permission),
      login: async (email, password, code) => {
        await opened(await ask(api.POST("/v1/sessions", {
          body: { email, password, ...proofOf(code) }, params: { header: { "Idempotency-Key": idempotencyKey() } },
        })));
      },
      loginWithPasskey: async () => { await opened(await (await import("./passkey")).login()); },
      logout: async () => {
        await ask(api.DELETE("/v1/sessions/current"));
        forget();
      },
      lookAgain,
    };
  }, [me, client, forget, lookAgain]);

  if (me === undefined) return waiting(error, () => void refetch());
  return <Context value={session}>{children}</Context>;
}

export function useSession(): Session {
  const session = use(Context);
  if (session === null) throw new Error("no SessionProvider above");
  return session;
}
