import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/kit/Panel";
import { Facts } from "@/kit/values";
import { Copy } from "../Copy";
import { Frame } from "../Frame";
import { SecretOnce } from "../SecretOnce";
import { KeyForm, type NewKey } from "./KeyForm";
import { KeyList } from "./KeyList";

/** Keys for programs. A secret is on the screen once, while the room is open. */
export default function KeysRoom(): ReactNode {
  const { t } = useTranslation("programs");
  const [made, setMade] = useState<NewKey | null>(null);
  return (
    <Frame title={t("room.keys")}>
      {made !== null && <Made key={made.id} made={made} onDone={() => { setMade(null); }} />}
      <div className="retail-split">
        <Panel title={t("key.new")}><KeyForm onMade={setMade} /></Panel>
        <div className="stack">
          <Panel title={t("key.list")}><KeyList /></Panel>
          <Panel title={t("key.bots")}><Addresses /></Panel>
        </div>
      </div>
    </Frame>
  );
}

function Made({ made, onDone }: { made: NewKey; onDone: () => void }): ReactNode {
  const { t } = useTranslation("programs");
  const rows = [{ name: t("key.key"), text: made.key }, ...(made.secret === null ? [] : [{ name: t("key.secret"), text: made.secret, secret: true }])];
  return <SecretOnce title={t("key.made", { name: made.name })} means={t(made.secret === null ? "key.no_secret" : "key.warning")} rows={rows} onDone={onDone} />;
}

function Addresses(): ReactNode {
  const { t } = useTranslation("programs");
  const http = `${location.origin}/compat/binance`;
  const socket = http.replace(/^http/, "ws");
  const row = (name: string, address: string): readonly [string, ReactNode] => [name, <span key={address} className="row"><code>{address}</code><Copy text={address} what={name} /></span>];
  return (
    <div className="stack">
      <p>{t("key.bots_means")}</p>
      <Facts rows={[
        row(t("key.base"), http), row("REST", `${http}/api/v3`), row("WebSocket", `${socket}/ws`), row("WebSocket API", `${socket}/ws-api/v3`),
      ]} />
      <p className="dim">{t("key.bots_more")} <a href="/docs">{t("key.docs")}</a></p>
    </div>
  );
}
