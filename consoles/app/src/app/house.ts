import { useQuery } from "@tanstack/react-query";
import { api, ask } from "@/api/client";
import { useSession } from "@/session/session";

/** What the house one is in calls itself; its colours come as a stylesheet of their own (index.html). */
export function useHouseName(): string {
  const { me } = useSession();
  const { data } = useQuery({ queryKey: ["house", "name", me?.tenant_id], staleTime: Infinity, queryFn: () => {
    wear();
    return ask(api.GET("/v1/tenants/current"));
  } });
  return data?.theme.logo_text ?? data?.name ?? "Rivermouth";
}

/** Reads the colours anew, since they or the house have changed; the old ones stay until the new ones are there. */
function wear(): void {
  const old = document.querySelector("link[href$='/theme.css']");
  if (old === null || document.readyState !== "complete") return; // the page brings them itself
  const next = old.cloneNode() as HTMLLinkElement;
  next.onload = () => { old.remove(); };
  old.after(next);
}
