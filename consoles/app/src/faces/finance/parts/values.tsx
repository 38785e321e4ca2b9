// How finance shows people, ids, ages and records.

import { useEffect, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { Button } from "@/kit/Button";
import { useToasts } from "@/kit/toasts";
import { Facts, Id, Pill, When } from "@/kit/values";
import { useSession } from "@/session/session";
import { secondsSince } from "@/time/format";

/** A member of staff; one recognises oneself, which matters where two people are needed. */
export function Who({ id }: { id: string | null | undefined }): ReactNode {
  const { t } = useTranslation("finance");
  const { me } = useSession();
  if (id === null || id === undefined) return <span className="dim">–</span>;
  return id === me?.id ? <Pill tone="info">{t("you")}</Pill> : <Id value={id} />;
}

/** Who did something and when. */
export function Signed({ by, at }: { by: string | null; at: string | null }): ReactNode {
  if (by === null) return <span className="dim">–</span>;
  return <span className="row"><Who id={by} /><When at={at} /></span>;
}

/** A whole id or hash, in full, with a button that copies it. */
export function Copyable({ value, label }: { value: string; label: string }): ReactNode {
  const { t } = useTranslation("finance");
  const { tell, refused } = useToasts();
  const copy = (): void => {
    navigator.clipboard.writeText(value).then(() => { tell(t("copied"), "good"); }, refused);
  };
  return (
    <span className="finance-copy">
      <code>{value}</code>
      <Button kind="quiet" aria-label={t("copy_what", { what: label })} onPress={copy}>{t("copy")}</Button>
    </span>
  );
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function useDuration(): (seconds: number) => string {
  const { t } = useTranslation("finance");
  return (seconds) => {
    if (seconds < MINUTE) return t("age.seconds", { n: seconds });
    if (seconds < HOUR) return t("age.minutes", { n: Math.floor(seconds / MINUTE) });
    if (seconds < DAY) return t("age.hours", { n: Math.floor(seconds / HOUR) });
    return t("age.days", { n: Math.floor(seconds / DAY) });
  };
}

/** How long ago the data was read, counted on while one looks. */
export function ReadAge({ at }: { at: number }): ReactNode {
  const { t } = useTranslation("finance");
  const duration = useDuration();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => { setNow(Date.now()); }, 1000);
    return () => { clearInterval(timer); };
  }, []);
  if (at === 0) return null;
  return <span className="dim number">{t("age.read", { age: duration(secondsSince(at, now)) })}</span>;
}

/** A job's progress; null when its size is not known. */
export function Progress({ share, label }: { share: number | null; label: string }): ReactNode {
  const { t } = useTranslation("finance");
  if (share === null) return <span className="row"><progress className="finance-progress" aria-label={label} /><span className="dim">{t("progress.unknown")}</span></span>;
  return (
    <span className="row">
      <progress className="finance-progress" aria-label={label} value={share} max={1} />
      <span className="number">{Math.floor(share * 100)} %</span>
    </span>
  );
}

function plain(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A record as it was kept, field by field; nothing is left out and nothing is translated. */
export function Record({ of }: { of: { [name: string]: unknown } }): ReactNode {
  const { t } = useTranslation("finance");
  const rows = Object.entries(of).map(([name, value]) => [name, <code key={name}>{plain(value)}</code>] as const);
  return rows.length === 0 ? <p className="dim">{t("nothing_kept")}</p> : <Facts rows={rows} />;
}

export function JournalLink({ id }: { id: string | null | undefined }): ReactNode {
  if (id === null || id === undefined) return <span className="dim">–</span>;
  return <Link to={`/finance/journals/${id}`} title={id}><code>…{id.slice(-8)}</code></Link>;
}

export function AccountLink({ id, children }: { id: string; children: ReactNode }): ReactNode {
  return <Link to={`/finance/accounts/${id}`}>{children}</Link>;
}

/** Account paths carry customers' ids; between dots and colons they may break. */
export function AccountPath({ path }: { path: string }): ReactNode {
  return <code className="finance-path">{path}</code>;
}
