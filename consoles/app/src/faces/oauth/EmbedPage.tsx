// A page that a partner shows inside its own. It knows no cookie: its only key is a token that a page of an allowed origin hands over, and
// it listens to nobody else, not even to another frame of the same partner. What it gets it keeps in memory, until the frame is closed.

import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import i18n from "@/i18n";
import { tokenOf } from "./token";
import "./oauth.css";

const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT = "urn:ietf:params:oauth:token-type:jwt";
const READY = { type: "rivermouth.ready" };

// Before the first word is asked for. The other screens of this file's bundle follow what the person chose.
if (location.pathname === "/embed") {
  const wanted = new URLSearchParams(location.search).get("language") ?? navigator.language;
  void i18n.changeLanguage(wanted.toLowerCase().startsWith("zh") ? "zh" : "en");
}

interface Balance { asset: string; available: string; held: string }
type State = { at: "waiting" } | { at: "refused" } | { at: "open"; balances: readonly Balance[] };

async function json<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(path, { credentials: "omit", cache: "no-store", ...init });
  if (!answer.ok) throw new Error(String(answer.status));
  return await answer.json() as T;
}

async function open(client: string, token: string): Promise<readonly Balance[]> {
  const body = new URLSearchParams({ grant_type: EXCHANGE, client_id: client, subject_token: token, subject_token_type: JWT });
  const session = await json<{ access_token: string }>("/oauth/token", { method: "POST", body });
  return (await json<{ items: Balance[] }>("/v1/balances", { headers: { Authorization: `Bearer ${session.access_token}` } })).items;
}

export default function EmbedPage(): ReactNode {
  const { t } = useTranslation("oauth");
  const [state, setState] = useState<State>({ at: "waiting" });
  useEffect(() => {
    const client = new URLSearchParams(location.search).get("client_id") ?? "";
    let origins: readonly string[] = [];
    const hear = (event: MessageEvent<unknown>): void => {
      const token = tokenOf(event, window.parent, origins);
      if (token === null) return;
      open(client, token).then(
        (balances) => { setState({ at: "open", balances }); },
        () => { setState({ at: "refused" }); },
      );
    };
    addEventListener("message", hear);
    json<{ origins: string[] }>(`/oauth/embedding?${new URLSearchParams({ client_id: client }).toString()}`).then(
      (found) => {
        origins = found.origins;
        window.parent.postMessage(READY, "*"); // says nothing but that we listen
      },
      () => { setState({ at: "refused" }); },
    );
    return () => { removeEventListener("message", hear); };
  }, []);
  return <main className="embed stack" data-state={state.at}><h1>Rivermouth</h1>{bodyOf(state, t)}</main>;
}

function bodyOf(state: State, t: (key: "embed.waiting" | "embed.refused" | "embed.asset" | "embed.available" | "embed.held" | "embed.none") => string): ReactNode {
  if (state.at !== "open") return <p role="status">{t(`embed.${state.at}`)}</p>;
  if (state.balances.length === 0) return <p role="status">{t("embed.none")}</p>;
  return (
    <table>
      <thead><tr><th>{t("embed.asset")}</th><th>{t("embed.available")}</th><th>{t("embed.held")}</th></tr></thead>
      <tbody>
        {state.balances.map((row) => <tr key={row.asset}><td>{row.asset}</td><td>{row.available}</td><td>{row.held}</td></tr>)}
      </tbody>
    </table>
  );
}
