// A proposal as it stands. Whoever made it may withdraw it; only another person may confirm it.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { Failed, Loaded } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { Amount, Facts, Id, Pill, When } from "@/kit/values";
import { useSession } from "@/session/session";

type Decision = Schemas["DecisionOut"];
type Fill = Schemas["DecidedFill"];

export function OneDecision({ id, onClose }: { id: string; onClose: () => void }): ReactNode {
  const { t } = useTranslation("treasury");
  const query = useQuery({
    queryKey: ["controls", "decision", id], refetchInterval: 2000,
    queryFn: () => ask(api.GET("/v1/decisions/{id}", { params: { path: { id } } })),
  });
  return (
    <Dialog title={t("decisions.one")} isOpen onClose={onClose} wide>
      <Loaded query={query}>{(decision) => <Standing decision={decision} />}</Loaded>
    </Dialog>
  );
}

function Standing({ decision }: { decision: Decision }): ReactNode {
  const { t } = useTranslation("treasury");
  const { me, may } = useSession();
  const mine = decision.proposed_by === me?.id;
  const rows: readonly (readonly [string, ReactNode])[] = [
    [t("word.state"), <Pill key="s" tone="info">{t(`decisions.status.${decision.status}`)}</Pill>],
    [t("decisions.verdict"), t(`decisions.verdicts.${decision.verdict}`)],
    [t("decisions.evidence"), decision.evidence],
    [t("decisions.proposed_by"), <span key="p"><Id value={decision.proposed_by} />{mine && ` ${t("word.you")}`} · <When at={decision.created_at} /></span>],
    [t("decisions.confirmed_by"), decision.confirmed_by === null ? "–" : <Id key="c" value={decision.confirmed_by} />],
  ];
  return (
    <>
      <Facts rows={rows} />
      {decision.fills.length > 0 && <Executions fills={decision.fills} />}
      {decision.status === "proposed" && <p className="dim">{t(mine ? "decisions.yours" : "decisions.others")}</p>}
      {decision.status === "proposed" && may("controls:write") && <Steps id={decision.id} mine={mine} />}
    </>
  );
}

function Executions({ fills }: { fills: readonly Fill[] }): ReactNode {
  const { t } = useTranslation("treasury");
  const columns: Column<Fill>[] = [
    { key: "id", title: t("decisions.fill.trade_id"), cell: (fill) => <code>{fill.trade_id}</code> },
    { key: "price", title: t("decisions.fill.price"), end: true, cell: (fill) => <Amount value={fill.price} /> },
    { key: "quantity", title: t("decisions.quantity"), end: true, cell: (fill) => <Amount value={fill.quantity} /> },
    { key: "fee", title: t("decisions.fill.fee"), end: true, cell: (fill) => <Amount value={fill.fee} asset={fill.fee_asset} /> },
    { key: "at", title: t("decisions.fill.executed_at"), cell: (fill) => <When at={fill.executed_at} /> },
  ];
  return <Table name={t("decisions.fills")} columns={columns} rows={fills} rowKey={(fill) => fill.trade_id} />;
}

function Steps({ id, mine }: { id: string; mine: boolean }): ReactNode {
  const { t } = useTranslation("treasury");
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async (step: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await step();
    } catch (refused) {
      setError(refused);
    }
    await client.invalidateQueries({ queryKey: ["controls"] });
    setBusy(false);
  };
  const path = { params: { path: { id } } };
  return (
    <>
      {error !== null && <Failed error={error} />}
      <div className="row">
        {!mine && <Button kind="primary" busy={busy} onPress={() => void run(() => ask(api.POST("/v1/decisions/{id}/confirm", path)))}>{t("decisions.confirm")}</Button>}
        <Button busy={busy} onPress={() => void run(() => ask(api.POST("/v1/decisions/{id}/withdraw", path)))}>{t("decisions.withdraw")}</Button>
      </div>
    </>
  );
}
