// What the house owes all customers and has against it, one's own part of it, and the check that the part is counted.

import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/kit/Panel";
import { Empty, Loaded } from "@/kit/states";
import { useSession } from "@/session/session";
import { Owed } from "./Owed";
import { Own } from "./Own";
import { Publishing } from "./Publishing";
import { useProof, usePublished } from "./reads";
import "./reserves.css";

export default function ReservesRoom(): ReactNode {
  const { t } = useTranslation("reserves");
  const { may } = useSession();
  const published = usePublished(may("reserves:write"));
  const proof = useProof(published.data?.[0]?.id);
  return (
    <div className="stack">
      <header>
        <h1>{t("room.reserves")}</h1>
        <p className="dim">{t("intro")}</p>
      </header>
      <Loaded query={published} lines={6} empty={<Empty title={t("none")} />}>
        {(all) => (
          <>
            <Panel title={t("own.title")}>
              <Loaded query={proof} isEmpty={(own) => own === null} empty={<Empty title={t("none")} />}>
                {(own) => own !== null && <Own key={own.snapshot_id} proof={own} published={all} />}
              </Loaded>
            </Panel>
            {all[0] !== undefined && <Owed newest={all[0]} />}
          </>
        )}
      </Loaded>
      {may("reserves:write") && <Publishing />}
    </div>
  );
}
