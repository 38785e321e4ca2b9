// By what the login page may offer to log in.

import { useQuery } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";

type Methods = Schemas["LoginMethodsOut"];

/** None until it is known: a button that leads nowhere is worse than one that comes late. */
export function useMethods(): Partial<Methods> {
  const { data } = useQuery({ queryKey: ["methods"], staleTime: Infinity, queryFn: () => ask(api.GET("/v1/sessions/methods")) });
  return data ?? {};
}
