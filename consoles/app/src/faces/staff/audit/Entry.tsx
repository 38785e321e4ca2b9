import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "@/kit/Dialog";
import { Facts, Pill, When } from "@/kit/values";
import { Who, type AuditEntry } from "./words";

const code = (text: string | null): ReactNode => (text === null ? <span className="dim">–</span> : <code>{text}</code>);
const plain = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

/** All of one entry. Digests are compared by eye with those of another one, so they stand in full. */
export function Entry({ entry, onClose }: { entry: AuditEntry; onClose: () => void }): ReactNode {
  const { t } = useTranslation("staff");
  const details = Object.entries(entry.details);
  return (
    <Dialog title={entry.action} isOpen onClose={onClose} wide>
      <div className="staff stack">
        <Facts rows={[
          [t("audit.who"), <Who key="who" entry={entry} />],
          [t("audit.actor"), code(entry.actor)],
          [t("audit.roles"), entry.roles.join(", ") || "–"],
          [t("audit.via"), <span key="via">{t(`via.${entry.via}`)} {entry.credential !== null && code(entry.credential)}</span>],
          [t("audit.address"), code(entry.address)],
          [t("audit.request"), code(entry.request_id)],
          [t("audit.what"), code(`${entry.resource_kind}:${entry.resource_id}`)],
          [t("audit.at"), <When key="at" at={entry.at} />],
          [t("audit.recorded"), <When key="recorded" at={entry.recorded_at} />],
          [t("audit.asked"), code(entry.asked)],
          [t("audit.before"), code(entry.before)],
          [t("audit.after"), <span key="after" className="row">{code(entry.after)}{entry.before !== null && entry.before === entry.after && <Pill>{t("audit.same")}</Pill>}</span>],
          [t("audit.place"), entry.seq === null ? t("audit.waiting") : String(entry.seq)],
        ]} />
        {details.length > 0 && <><h3>{t("audit.details")}</h3><Facts rows={details.map(([name, value]) => [name, <code key={name}>{plain(value)}</code>] as const)} /></>}
      </div>
    </Dialog>
  );
}
