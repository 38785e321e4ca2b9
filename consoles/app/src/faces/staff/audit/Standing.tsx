import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Loaded } from "@/kit/states";
import { Facts, Pill, When } from "@/kit/values";

type Chain = Schemas["AuditStandingOut"];

/** How far the chain over all entries is signed and checked, as the engine said last; the proof is the verifier's. */
export function Standing(): ReactNode {
  const { t } = useTranslation("staff");
  const query = useQuery({ queryKey: ["audit", "standing"], queryFn: () => ask(api.GET("/v1/audit/standing")), refetchInterval: 30_000 });
  return (
    <div className="stack">
      <Loaded query={query}>
        {(chain) => (
          <Facts rows={[
            [t("chain.verdict"), <Verdict key="verdict" chain={chain} />],
            [t("chain.signed"), <Upto key="signed" seq={chain.signed_seq} at={chain.signed_at} />],
            [t("chain.checked"), <Upto key="checked" seq={chain.checked_seq} at={chain.checked_at} />],
            [t("chain.round"), <When key="round" at={chain.round_ended_at} />],
          ]} />
        )}
      </Loaded>
      <p className="dim">{t("chain.means")} <code>rivermouth audit verify</code></p>
    </div>
  );
}

function Verdict({ chain }: { chain: Chain }): ReactNode {
  const { t } = useTranslation("staff");
  const n = Math.max(chain.faults ?? 0, chain.round_faults ?? 0);
  if (n > 0) return <Pill tone="bad">{t("chain.broken", { n })}</Pill>;
  if (chain.checked_at === null) return <Pill>{t("chain.unknown")}</Pill>;
  return <Pill tone="good">{t("chain.whole")}</Pill>;
}

function Upto({ seq, at }: { seq: number | null; at: string | null }): ReactNode {
  const { t } = useTranslation("staff");
  if (seq === null) return <span className="dim">{t("chain.not_yet")}</span>;
  return <span className="row">{t("chain.upto", { seq })}<When at={at} /></span>;
}
