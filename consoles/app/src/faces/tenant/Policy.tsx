import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Confirm } from "@/kit/Dialog";
import { AmountField } from "@/kit/fields";
import { Loaded } from "@/kit/states";
import { When } from "@/kit/values";
import { canonical, isDecimal } from "@/money/decimal";
import { useSession } from "@/session/session";
import { useStepUp } from "@/session/StepUp";

const LIMITS = ["withdrawal_single", "withdrawal_day", "withdrawal_unreviewed", "withdrawal_new_address"] as const;
type Shown = Schemas["PolicyOut"];
type Fields = Schemas["PolicyFields"];

/** What keeps money in. Tighter counts at once; looser waits for a second person, and then for its time. */
export function Policy({ id }: { id: string }): ReactNode {
  const { t } = useTranslation("tenant");
  const { may } = useSession();
  const [editing, setEditing] = useState(false);
  const path = { id };
  const query = useQuery({
    queryKey: ["house", "policy"],
    queryFn: () => ask(api.GET("/v1/tenants/{id}/policy", { params: { path } })),
    refetchInterval: 15_000,
  });
  return (
    <Loaded query={query}>
      {(now) => (
        <div className="stack">
          <p className="dim">{t("policy.note")}</p>
          <Words policy={now.policy} />
          {now.waiting !== null && <Waiting id={id} change={now.waiting} />}
          {may("tenants:write") && now.waiting === null && <div><Button onPress={() => { setEditing(true); }}>{t("policy.change")}</Button></div>}
          {editing && <Edit id={id} now={now} onClose={() => { setEditing(false); }} />}
        </div>
      )}
    </Loaded>
  );
}

function Words({ policy }: { policy: Fields }): ReactNode {
  const { t } = useTranslation("tenant");
  return (
    <dl className="tenant-words">
      <dt>{t("policy.custody")}</dt><dd>{t(`policy.custody_${policy.custody}`)}</dd>
      <dt>{t("policy.whitelist_delay_h")}</dt><dd>{t("policy.hours", { n: policy.whitelist_delay_h })}</dd>
      <dt>{t("policy.change_delay_h")}</dt><dd>{t("policy.hours", { n: policy.change_delay_h })}</dd>
      {LIMITS.map((name) => [
        <dt key={`${name}-name`}>{t(`policy.${name}`)}</dt>,
        <dd key={name}>{policy.limits[name] === undefined ? t("policy.nothing") : `${policy.limits[name]} USDT`}</dd>,
      ])}
      <dt>{t("policy.highest_apr")}</dt><dd>{policy.highest_apr}</dd>
    </dl>
  );
}

function Waiting({ id, change }: { id: string; change: Schemas["ChangeOut"] }): ReactNode {
  const { t } = useTranslation("tenant");
  const { may } = useSession();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const path = { id, change_id: change.id };
  const act = async (): Promise<void> => {
    await once("withdraw policy", path, (header) =>
      ask(api.POST("/v1/tenants/{id}/policy-changes/{change_id}/withdraw", { params: { path, header } })));
    await client.invalidateQueries({ queryKey: ["house"] });
  };
  return (
    <div className="notice">
      <p>{t(change.effective_at === null ? "policy.waits_person" : "policy.waits_time")} {change.effective_at !== null && <When at={change.effective_at} />}</p>
      <Words policy={change.after} />
      {may("tenants:write") && <Button onPress={() => { setAsking(true); }}>{t("policy.withdraw")}</Button>}
      <Confirm title={t("policy.withdraw")} isOpen={asking} onClose={() => { setAsking(false); }} act={act} verb={t("policy.withdraw")}>
        <p>{t("policy.withdraw_means")}</p>
      </Confirm>
    </div>
  );
}

/** As the server writes it; what is no number goes there as it is, and the server says what it thinks of it. */
const plain = (text: string): string => (isDecimal(text) ? canonical(text) : text);

function Edit({ id, now, onClose }: { id: string; now: Shown; onClose: () => void }): ReactNode {
  const { t } = useTranslation("tenant");
  const client = useQueryClient();
  const { proven, question } = useStepUp();
  const before = now.policy.limits;
  const [draft, setDraft] = useState<Record<string, string>>(Object.fromEntries(LIMITS.map((name) => [name, before[name] ?? ""])));
  const [rate, setRate] = useState(now.policy.highest_apr);
  const act = async (): Promise<void> => {
    const limits = Object.fromEntries(LIMITS.map((name) => {
      const text = (draft[name] ?? "").trim();
      return [name, text === "" ? null : plain(text)];
    }));
    const body = { limits, highest_apr: plain(rate.trim()) };
    await proven(() => ask(api.PATCH("/v1/tenants/{id}/policy", { params: { path: { id } }, body })));
    await client.invalidateQueries({ queryKey: ["house"] });
  };
  return (
    <>
      <Confirm title={t("policy.change")} isOpen onClose={onClose} act={act} verb={t("policy.ask")}>
        <p className="dim">{t("policy.note")}</p>
        {LIMITS.map((name) => (
          <AmountField key={name} label={t(`policy.${name}`)} value={draft[name] ?? ""} onChange={(text) => { setDraft({ ...draft, [name]: text }); }} />
        ))}
        <AmountField label={t("policy.highest_apr")} value={rate} onChange={setRate} />
      </Confirm>
      {question}
    </>
  );
}
