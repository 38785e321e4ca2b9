// The frame around every room: where one is, where one may go, how alive the data is, and one's own settings.

import { Suspense, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link, NavLink } from "react-router";
import { Bell } from "@/faces/inbox/Bell";
import { useFeedStatus } from "@/feed/hooks";
import { Button } from "@/kit/Button";
import { Dialog } from "@/kit/Dialog";
import { Select } from "@/kit/fields";
import { part } from "@/kit/part";
import { Skeleton } from "@/kit/states";
import { useToasts } from "@/kit/toasts";
import { Pill } from "@/kit/values";
import type { Language } from "@/money/format";
import { useSession } from "@/session/session";
import { useSettings, type Settings } from "@/settings/settings";
import type { Zone } from "@/time/format";
import { useHouseName } from "./house";
import { ROOMS, type Room } from "./rooms";
import "./shell.css";

/** Staff leave their desks; it is loaded for them alone. */
const Idle = part(() => import("@/faces/staff/Idle"));

export function Shell({ children }: { children: ReactNode }): ReactNode {
  const { t } = useTranslation();
  const { me, may } = useSession();
  const house = useHouseName();
  return (
    <div className="shell">
      {me !== null && me.idle_logout_s !== null && <Suspense><Idle seconds={me.idle_logout_s} /></Suspense>}
      <a className="skip" href="#main">{t("nav.skip")}</a>
      <header className="top">
        <a className="brand" href="/"><img src="/favicon.svg" alt="" />{house}</a>
        <nav className="rooms" aria-label={t("nav.rooms")}>
          {ROOMS.filter((room) => room.link !== undefined && may(room.permission)).map((room) => (
            <RoomLink key={room.path} room={room} />
          ))}
        </nav>
        <div className="row">
          <ConnectionPill />
          <Bell />
          <Account />
        </div>
      </header>
      <main className="main" id="main" tabIndex={-1}>
        <Suspense fallback={<Skeleton lines={12} />}>{children}</Suspense>
      </main>
    </div>
  );
}

const always = (): boolean => true;

function RoomLink({ room }: { room: Room }): ReactNode {
  const useShown = room.useShown ?? always;
  return useShown() ? <ShownLink room={room} /> : null;
}

/** Texts of a face are loaded for those only who are shown a door of it. */
function ShownLink({ room }: { room: Room }): ReactNode {
  const { t } = useTranslation(["common", room.face]);
  return <NavLink to={room.link ?? ""}>{t(`${room.face}:${room.title}`)}</NavLink>;
}

function ConnectionPill(): ReactNode {
  const { t } = useTranslation();
  const status = useFeedStatus();
  return (
    <span role="status" data-testid="connection" data-status={status}>
      <Pill tone={status === "live" ? "good" : "warn"}>{t(`connection.${status}`)}</Pill>
    </span>
  );
}

function Account(): ReactNode {
  const { t } = useTranslation();
  const { me, logout } = useSession();
  const { refused } = useToasts();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button kind="quiet" onPress={() => { setOpen(true); }}>{me?.name || me?.email} ▾</Button>
      <Dialog title={t("settings.title")} isOpen={open} onClose={() => { setOpen(false); }}>
        <div className="menu">
          <p className="dim">{me?.email}</p>
          <SettingsForm />
          <Link to="/security" onClick={() => { setOpen(false); }}>{t("settings.security")}</Link>
          <Button onPress={() => { logout().catch(refused); }}>{t("action.logout")}</Button>
          <p className="dim">{t("about.charts")} <a href="https://www.tradingview.com/" rel="noreferrer">TradingView</a></p>
        </div>
      </Dialog>
    </>
  );
}

export function SettingsForm(): ReactNode {
  const { t } = useTranslation();
  const { settings, change } = useSettings();
  const choices = (...pairs: [string, string][]): { id: string; text: string }[] => pairs.map(([id, text]) => ({ id, text }));
  return (
    <>
      <Select label={t("settings.language")} value={settings.language} choices={choices(["en", "English"], ["zh", "中文"])}
        onChange={(id) => { change({ language: id as Language }); }} />
      <Select label={t("settings.theme")} value={settings.theme}
        choices={choices(["dark", t("settings.dark")], ["light", t("settings.light")])}
        onChange={(id) => { change({ theme: id as Settings["theme"] }); }} />
      <Select label={t("settings.zone")} value={settings.zone} choices={choices(["utc", "UTC"], ["local", t("settings.local")])}
        onChange={(id) => { change({ zone: id as Zone }); }} />
      <Select label={t("settings.rise")} value={settings.rise}
        choices={choices(["green", t("settings.green_up")], ["red", t("settings.red_up")])}
        onChange={(id) => { change({ rise: id as Settings["rise"] }); }} />
    </>
  );
}
