import { useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { once } from "@/api/intent";
import { Button } from "@/kit/Button";
import { Select, TextField } from "@/kit/fields";
import { Failed } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import type { Language } from "@/money/format";
import { useSettings } from "@/settings/settings";
import { useStepUp } from "@/session/StepUp";
import { Ticks } from "@/kit/Ticks";

type Topic = Schemas["Topic"];
const TOPICS = ["approvals", "trading", "exposure", "treasury", "ledger", "security", "lending", "earn"] as const satisfies readonly Topic[];

/** The address holds the room's secret: it goes in, and is forgotten here as soon as it was sent. */
export function ChannelForm(): ReactNode {
  const { t } = useTranslation(["staff", "common"]);
  const client = useQueryClient();
  const { tell } = useToasts();
  const { settings } = useSettings();
  const { proven, question } = useStepUp();
  const [name, setName] = useState("");
  const [address, setAddress] = useState("");
  const [topics, setTopics] = useState<Topic[]>([]);
  const [language, setLanguage] = useState<Language>(settings.language);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const body = { name: name.trim(), address: address.trim(), topics, language };
    try {
      await proven(() => once("channel", body, (header) => ask(api.POST("/v1/channels", { body, params: { header } }))));
      setName("");
      setAddress("");
      setTopics([]);
      tell(t("channel.made"), "good");
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
    await client.invalidateQueries({ queryKey: ["channels"] });
  };
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <div className="staff-form">
        <TextField label={t("field.name")} value={name} onChange={setName} maxLength={64} autoComplete="off" isRequired />
        <TextField label={t("channel.address")} value={address} onChange={setAddress} maxLength={1000} autoComplete="off" placeholder="dingtalk://secret@token" isRequired />
        <Select label={t("channel.language")} value={language} choices={[{ id: "en", text: "English" }, { id: "zh", text: "中文" }]}
          onChange={(id) => { setLanguage(id as Language); }} />
      </div>
      <p className="dim">{t("channel.address_means")}</p>
      <Ticks label={t("channel.topics")} all={TOPICS} chosen={topics} onChange={setTopics} textOf={(topic) => t(`channel.topic.${topic}`)} />
      {error !== null && <Failed error={error} />}
      <div><Button kind="primary" type="submit" busy={busy} isDisabled={name.trim() === "" || address.trim() === "" || topics.length === 0}>{t("channel.add")}</Button></div>
      {question}
    </form>
  );
}
