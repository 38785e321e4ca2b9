import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { api, ask, type Schemas } from "@/api/client";
import { Button } from "@/kit/Button";
import { Panel } from "@/kit/Panel";
import { Failed, Loaded } from "@/kit/states";
import { useSession } from "@/session/session";
import { useStepUp } from "@/session/StepUp";
import { Wants } from "./Wants";
import "./oauth.css";

type Question = Schemas["ConsentIn"];

function questionOf(search: URLSearchParams): Question {
  const field = (name: keyof Question): string => search.get(name) ?? "";
  return {
    response_type: field("response_type"), client_id: field("client_id"), redirect_uri: field("redirect_uri"), scope: field("scope"),
    state: field("state"), code_challenge: field("code_challenge"), code_challenge_method: field("code_challenge_method"),
  };
}

/** A program sent this browser here: its owner says yes or no, and is sent back. */
export default function ConnectRoom(): ReactNode {
  const { t } = useTranslation("oauth");
  const [search] = useSearchParams();
  const asked = questionOf(search);
  const query = useQuery({ queryKey: ["oauth", "question", asked], queryFn: () => ask(api.GET("/v1/oauth/consent", { params: { query: asked } })), retry: false });
  return (
    <div className="oauth-narrow stack">
      <h1>{t("room.connect")}</h1>
      <Loaded query={query}>{(found) => <Answer asked={asked} found={found} />}</Loaded>
    </div>
  );
}

function Answer({ asked, found }: { asked: Question; found: Schemas["AskedOut"] }): ReactNode {
  const { t } = useTranslation("oauth");
  const { me } = useSession();
  const { proven, question } = useStepUp();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const back = async (decide: () => Promise<Schemas["DecidedOut"]>): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      location.assign((await decide()).redirect_to);
    } catch (refused) {
      setError(refused);
      setBusy(false);
    }
  };
  const wrong = found.redirect_to;
  if (wrong !== null) {
    return (
      <Panel title={found.program}>
        <p>{t("connect.wrong")}</p>
        <Button onPress={() => { location.assign(wrong); }}>{t("connect.back")}</Button>
      </Panel>
    );
  }
  return (
    <Panel title={found.program}>
      <div className="stack">
        <Wants program={found.program} scopes={found.scopes} />
        <p className="dim">{t("connect.as", { email: me?.email })}</p>
        {error !== null && <Failed error={error} />}
        <div className="row">
          <Button kind="primary" busy={busy} onPress={() => void back(() => proven(() => ask(api.POST("/v1/oauth/consent", { body: asked }))))}>{t("connect.yes")}</Button>
          <Button isDisabled={busy} onPress={() => void back(() => ask(api.POST("/v1/oauth/consent/refuse", { body: asked })))}>{t("connect.no")}</Button>
        </div>
        {question}
      </div>
    </Panel>
  );
}
