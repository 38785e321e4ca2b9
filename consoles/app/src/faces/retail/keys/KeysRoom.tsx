import { useState, type ReactNode } from "react";
import { useWords } from "@/faces/retail/words";
import { Panel } from "@/kit/Panel";
import { Facts } from "@/kit/values";
import { Copy } from "./Copy";
import { KeyForm, type NewKey } from "./KeyForm";
import { KeyList } from "./KeyList";
import { SecretOnce } from "./SecretOnce";
import "../retail-more.css";

/** Keys for programs. A secret is on the screen once, while the room is open. */
export default function KeysRoom(): ReactNode {
  const { t } = useWords();
  const [made, setMade] = useState<NewKey | null>(null);
  return (
    <div className="stack">
      <h1>{t("retail_more:room.keys")}</h1>
      {made !== null && <SecretOnce made={made} onDone={() => { setMade(null); }} />}
      <div className="retail-split">
        <Panel title={t("retail_more:key.new")}><KeyForm onMade={setMade} /></Panel>
        <div className="stack">
          <Panel title={t("retail_more:key.list")}><KeyList /></Panel>
          <Panel title={t("retail_more:key.bots")}><Addresses /></Panel>
        </div>
      </div>
    </div>
  );
}

function Addresses(): ReactNode {
  const { t } = useWords();
  const http = `${location.origin}/compat/binance`;
  const socket = http.replace(/^http/, "ws");
  const row = (name: string, address: string): readonly [string, ReactNode] => [name, <span key={address} className="row"><code>{address}</code><Copy text={address} what={name} /></span>];
  return (
    <div className="stack">
      <p>{t("retail_more:key.bots_means")}</p>
      <Facts rows={[
        row(t("retail_more:key.base"), http), row("REST", `${http}/api/v3`), row("WebSocket", `${socket}/ws`), row("WebSocket API", `${socket}/ws-api/v3`),
      ]} />
      <p className="dim">{t("retail_more:key.bots_more")} <a href="/docs">{t("retail_more:key.docs")}</a></p>
    </div>
  );
}
