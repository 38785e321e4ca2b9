import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Select } from "@/kit/fields";
import { Failed, Loaded } from "@/kit/states";
import { useToasts } from "@/kit/toasts";

type Wishes = Schemas["PreferencesOut"];
type Kind = Wishes["kinds"][number];
type Channel = Schemas["Channel"];
const CHANNELS = ["inbox", "mail"] as const satisfies readonly Channel[];

/** In which language one is told, and what where; what tells of a thief goes everywhere. */
export function Preferences(): ReactNode {
  const query = useQuery({ queryKey: ["notice-preferences"], queryFn: () => ask(api.GET("/v1/notice-preferences")) });
  return <Loaded query={query}>{(wishes) => <Form wishes={wishes} />}</Loaded>;
}

function Form({ wishes }: { wishes: Wishes }): ReactNode {
  const { t } = useTranslation("inbox");
  const client = useQueryClient();
  const { tell } = useToasts();
  const [language, setLanguage] = useState(wishes.language);
  const [kinds, setKinds] = useState(wishes.kinds);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const set = (kind: Kind, channel: Channel, wanted: boolean): void => {
    setKinds((before) => before.map((one) => (one.kind === kind.kind ? { ...one, channels: { ...one.channels, [channel]: wanted } } : one)));
  };
  const submit = async (event: SyntheticEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      const body = { language, kinds: Object.fromEntries(kinds.filter((one) => !one.security).map((one) => [one.kind, one.channels])) };
      client.setQueryData(["notice-preferences"], await ask(api.PUT("/v1/notice-preferences", { body })));
      tell(t("wish.saved"), "good");
      await client.invalidateQueries({ queryKey: ["notices"] }); // their texts are made in the language of the reader
    } catch (refused) {
      setError(refused);
    }
    setBusy(false);
  };
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <div className="inbox-language">
        <Select label={t("wish.language")} value={language} choices={[{ id: "en", text: "English" }, { id: "zh", text: "中文" }]}
          onChange={(id) => { setLanguage(id as Wishes["language"]); }} />
      </div>
      <p className="dim">{t("wish.means")}</p>
      <Grid kinds={kinds} onSet={set} />
      {error !== null && <Failed error={error} />}
      <div><Button kind="primary" type="submit" busy={busy}>{t("wish.save")}</Button></div>
    </form>
  );
}

function Grid({ kinds, onSet }: { kinds: readonly Kind[]; onSet: (kind: Kind, channel: Channel, wanted: boolean) => void }): ReactNode {
  const { t } = useTranslation("inbox");
  const nameOf = (kind: Kind): string => t(`kind.${kind.kind}`, { defaultValue: kind.kind.replaceAll("_", " ") });
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={t("wish.title")}>
      <table className="table">
        <caption className="visually-hidden">{t("wish.title")}</caption>
        <thead><tr><th scope="col">{t("wish.what")}</th>{CHANNELS.map((channel) => <th key={channel} scope="col">{t(`channel.${channel}`)}</th>)}</tr></thead>
        <tbody>
          {kinds.map((kind) => (
            <tr key={kind.kind}>
              <td className="wrap">{nameOf(kind)}{kind.security && <span className="dim"> · {t("wish.always")}</span>}</td>
              {CHANNELS.map((channel) => (
                <td key={channel}>
                  <input type="checkbox" aria-label={`${nameOf(kind)}: ${t(`channel.${channel}`)}`} checked={kind.channels[channel] ?? false} disabled={kind.security}
                    onChange={(event) => { onSet(kind, channel, event.target.checked); }} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
