import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { TextField } from "@/kit/fields";
import { Empty, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Id, When } from "@/kit/values";
import { useSession } from "@/session/session";

type Screening = Schemas["ScreeningOut"];
type Finding = Schemas["Finding"];

/** Customers whose name is like one on a list; a person says whether it is them. */
export function Screenings(): ReactNode {
  const { t } = useTranslation("kyc");
  const query = useQuery({
    queryKey: ["kyc", "screenings"],
    queryFn: async () => (await ask(api.GET("/v1/screenings", { params: { query: { state: "review", limit: 200 } } }))).items,
    refetchInterval: 15_000,
  });
  const columns: Column<Screening>[] = [
    { key: "who", title: t("case.customer"), cell: (s) => <Id value={s.customer_id} /> },
    { key: "hits", title: t("hit.names"), wrap: true, cell: (s) => <Hits of={s} /> },
    { key: "at", title: t("hit.at"), cell: (s) => <When at={s.screened_at} /> },
    { key: "deeds", title: t("hit.verdict"), cell: (s) => <Say of={s} /> },
  ];
  return (
    <Loaded query={query} empty={<Empty title={t("hit.none")} />}>
      {(rows) => <Table name={t("hit.title")} rows={rows} rowKey={(s) => s.id} columns={columns} />}
    </Loaded>
  );
}

export function Hits({ of }: { of: Screening }): ReactNode {
  const { t } = useTranslation("kyc");
  return (
    <ul>
      {of.hits.map((hit) => <li key={`${hit.list}/${hit.ref}`}>{hit.name} – {t("hit.alike", { score: hit.score, list: hit.list, ref: hit.ref })}{hit.note !== "" && ` (${hit.note})`}</li>)}
    </ul>
  );
}

/** It is them, or it is not: with the reason, and what follows from it in words. */
export function Say({ of }: { of: Screening }): ReactNode {
  const { t } = useTranslation("kyc");
  const { may } = useSession();
  const client = useQueryClient();
  const [finding, setFinding] = useState<Finding | null>(null);
  const [reason, setReason] = useState("");
  if (!may("kyc:decide") || of.state !== "review") return null;
  const act = async (): Promise<void> => {
    if (finding === null) return;
    const body = { finding, reason: reason.trim() };
    await once("screening", { id: of.id, ...body }, (header) => ask(api.POST("/v1/screenings/{id}/decision", { body, params: { path: { id: of.id }, header } })));
    await client.invalidateQueries({ queryKey: ["kyc"] });
  };
  return (
    <div className="row">
      <Button onPress={() => { setFinding("clear"); }}>{t("hit.clear")}</Button>
      <Button kind="danger" onPress={() => { setFinding("confirm"); }}>{t("hit.confirm")}</Button>
      {finding !== null && (
        <Confirm title={t(`hit.${finding}`)} isOpen onClose={() => { setFinding(null); }} act={act} verb={t(`hit.${finding}`)} danger={finding === "confirm"} ready={reason.trim() !== ""}>
          <p>{t(`hit.will_${finding}`)}</p>
          <TextField label={t("case.reason")} value={reason} onChange={setReason} maxLength={500} autoComplete="off" isRequired />
        </Confirm>
      )}
    </div>
  );
}
