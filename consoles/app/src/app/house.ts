import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import { api, ask, type Schemas } from "@/api/client";
import { useSession } from "@/session/session";

export type Offer = Schemas["TenantPublic"]["products"][number];

/** The house one is in; its colours come as a stylesheet of their own (index.html). */
function useOwnHouse(): UseQueryResult<Schemas["TenantPublic"]> {
  const { me } = useSession();
  return useQuery({ queryKey: ["house", "name", me?.tenant_id], staleTime: Infinity, queryFn: () => {
    wear();
    return ask(api.GET("/v1/tenants/current"));
  } });
}

/** What it calls itself. */
export function useHouseName(): string {
  const { data } = useOwnHouse();
  return data?.theme.logo_text ?? data?.name ?? "Rivermouth";
}

/** Whether it has switched this off; not before it is known. */
export function useSwitchedOff(product: Offer): boolean {
  const { data } = useOwnHouse();
  return data !== undefined && !data.products.includes(product);
}

/** Reads the colours anew, since they or the house have changed; the old ones stay until the new ones are there. */
function wear(): void {
  const old = document.querySelector("link[href$='/theme.css']");
  if (old === null || document.readyState !== "complete") return; // the page brings them itself
  const next = old.cloneNode() as HTMLLinkElement;
  next.onload = () => { old.remove(); };
  old.after(next);
}
