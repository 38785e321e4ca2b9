// Maintenance of venues and markets: announced ahead, ended early.

import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, idempotencyKey, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { Select, TextField } from "@/kit/fields";
import { Panel } from "@/kit/Panel";
import { Empty } from "@/kit/states";
import { Table, type Column } from "@/kit/Table";
import { useToasts } from "@/kit/toasts";
import { When } from "@/kit/values";
import { venueName } from "@/kit/venue";
import { useSession } from "@/session/session";
import type { Controls } from "../reads";
import { firstTarget, Reach, TargetField } from "./Target";
import { after, businessNow, LENGTHS, type Length } from "./time";

type Window = Schemas["WindowOut"];
type Wish = Schemas["WindowIn"];

export function Windows({ now }: { now: Controls }): ReactNode {
  const { t } = useTranslation("treasury");
  const { may } = useSession();
  const [ending, setEnding] = useState<{ window: Window; key: string } | null>(null);
  const client = useQueryClient();
  const end = async (window: Window, key: string): Promise<void> => {
    await ask(api.POST("/v1/controls/windows/{id}/end", { params: { path: { id: window.id }, header: { "Idempotency-Key": key } } }));
    await client.invalidateQueries({ queryKey: ["controls"] });
  };
  const columns: Column<Window>[] = [
    ...(may("controls:write") ? [{ key: "act", title: t("controls.act"),
      cell: (row: Window) => <Button onPress={() => { setEnding({ window: row, key: idempotencyKey() }); }}>{t("windows.end")}</Button> }] : []),
    { key: "reach", title: t("controls.where"), cell: (row) => <Reach scope={row.scope} target={row.target} />, csv: (row) => `${row.scope} ${row.target}` },
    { key: "from", title: t("windows.from"), cell: (row) => <When at={row.starts_at} />, csv: (row) => row.starts_at },
    { key: "to", title: t("windows.to"), cell: (row) => <When at={row.ends_at} />, csv: (row) => row.ends_at },
    { key: "reason", title: t("controls.reason"), wrap: true, cell: (row) => row.reason, csv: (row) => row.reason },
  ];
  return (
    <div className="stack">
      <Panel title={t("windows.title")}>
        {now.windows.length === 0
          ? <Empty title={t("windows.none")} />
          : <Table name={t("windows.title")} columns={columns} rows={now.windows} rowKey={(row) => row.id} file="maintenance" />}
      </Panel>
      {may("controls:write") && <Panel title={t("windows.announce")}><Announce now={now} /></Panel>}
      {ending !== null && (
        <Confirm title={t("windows.end_title")} isOpen onClose={() => { setEnding(null); }} act={() => end(ending.window, ending.key)} verb={t("windows.end")}>
          <p><Reach scope={ending.window.scope} target={ending.window.target} /></p>
          <p>{t("windows.end_words")}</p>
        </Confirm>
      )}
    </div>
  );
}

function Announce({ now }: { now: Controls }): ReactNode {
  const { t } = useTranslation("treasury");
  const { refused, tell } = useToasts();
  const client = useQueryClient();
  const [scope, setScope] = useState<"venue" | "market">("venue");
  const [target, setTarget] = useState(() => firstTarget("venue", now));
  const [ahead, setAhead] = useState<Length | "now">("60");
  const [length, setLength] = useState<Length>("60");
  const [reason, setReason] = useState("");
  const [intent, setIntent] = useState<{ wish: Wish; key: string } | null>(null);
  const review = async (): Promise<void> => {
    const moment = await businessNow();
    const begin = ahead === "now" ? null : after(moment, ahead);
    const end = ahead === "now" ? after(moment, length) : after(moment, ahead, length);
    setIntent({ wish: { scope, target, starts_at: begin, ends_at: end, reason }, key: idempotencyKey() });
  };
  const act = async (wish: Wish, key: string): Promise<void> => {
    await ask(api.POST("/v1/controls/windows", { params: { header: { "Idempotency-Key": key } }, body: wish }));
    tell(t("windows.announced"), "good");
    setReason("");
    await client.invalidateQueries({ queryKey: ["controls"] });
  };
  const lengths = LENGTHS.map((id) => ({ id, text: t(`controls.length.${id}`) }));
  const name = scope === "venue" ? venueName(target) : target;
  return (
    <div className="treasury-filters">
      <Select label={t("controls.where")} value={scope} choices={(["venue", "market"] as const).map((id) => ({ id, text: t(`controls.scope.${id}`) }))}
        onChange={(id) => { setScope(id as "venue" | "market"); setTarget(firstTarget(id as "venue" | "market", now)); }} />
      <TargetField scope={scope} target={target} now={now} onChange={setTarget} />
      <Select label={t("windows.starts")} value={ahead} onChange={(id) => { setAhead(id as Length | "now"); }}
        choices={[{ id: "now", text: t("windows.now") }, ...LENGTHS.map((id) => ({ id, text: t(`windows.ahead.${id}`) }))]} />
      <Select label={t("windows.length")} value={length} onChange={(id) => { setLength(id as Length); }} choices={lengths} />
      <TextField label={t("controls.reason")} value={reason} onChange={setReason} />
      <Button kind="primary" isDisabled={reason.trim().length < 3} onPress={() => { review().catch(refused); }}>{t("windows.review")}</Button>
      {intent !== null && (
        <Confirm title={t("windows.confirm_title")} isOpen onClose={() => { setIntent(null); }} act={() => act(intent.wish, intent.key)} verb={t("windows.announce_verb")}>
          <p>{t(`windows.words.${scope}`, { target: name })}</p>
          <p>{intent.wish.starts_at == null ? t("windows.now") : <When at={intent.wish.starts_at} />} – <When at={intent.wish.ends_at} /></p>
          <p className="dim">{t("windows.public")}</p>
        </Confirm>
      )}
    </div>
  );
}
